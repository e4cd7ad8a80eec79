"""The words of the training page: what its settings are called, and what they do."""

from mnist_core.config import knows_bfloat16

INTRO = (
    "A network computes its answer with many numbers, its weights, which start out random. "
    "Training shows it thousands of handwritten digits and adjusts the weights after every few of "
    "them, to make fewer mistakes. Set one up, watch it learn live, and compare the results. It "
    "continues when you leave the page."
)
COMPARISON = "Compare trainings"  # the heading, to which other parts of the page refer
RANDOM_WEIGHTS = "Random weights"
LABELS = {
    "architecture": "Network",
    "schedule": "Learning rate schedule",
    "averaging": "Weight averaging",
    "corruption_families": "Corruptions",
    "corrupted_share": "Share of corrupted images",
    "synthetic_digits": "Synthetic digits added",
    "non_digits": "Non-digits to learn from",
    "non_digit_share": "Share of non-digits",
    "page_share": "Share cut out of pages",
    "distillation": "Weight of the teacher's answers",
    "half_precision": "Half precision while training",
    "precision": "Stored precision",
    "own_digits": "Taught digits",
    "start": "Initial weights",
    "start_share": "Share of the initial weights kept",
    "share": "Share of the training images",
    "imbalance": "Imbalance",
    "rebalancing": "Rebalancing method",
    "strength": "Rebalancing strength",
}
EXPLANATIONS = {
    "name": "The finished model appears under this name in the choice of models on all pages.",
    "epochs": "One epoch is one pass over all training images. More epochs help, up to a point.",
    "batch_size": "The number of images before each update of the weights. Small batches give "
    "more, but noisier updates.",
    "learning_rate": "The size of each update. Too high and training never settles, too low and "
    "it takes forever.",
    "share": "The share of the 50,000 training images to use. Fewer images train faster, but give "
    "a less accurate model.",
    "seed": "Controls all randomness: the initial weights, the order of the images and their "
    "corruption.",
    "corruption_families": "Some training images are corrupted in these ways, so that the network "
    "learns to classify corrupted digits. The Robustness page shows each corruption.",
    "corrupted_share": "The share of images that are corrupted. The others stay clean.",
    "label_smoothing": "How uncertain the targets are: at 0.05 the right digit counts 95.5%, each "
    "other digit 0.5%.",
    "averaging": "Keeps a running average of the weights, often more accurate than the last ones. "
    "0 turns it off; 0.999 averages over about 1,000 updates.",
    "weight_decay": "Pulls all weights a little towards 0, which helps against overfitting "
    "(learning the images by heart). AdamW only.",
    "synthetic_digits": "Digits in synthetic handwriting, in styles that MNIST hardly contains, "
    "such as a 7 with a bar. They are added to the MNIST images.",
    "non_digits": "After the digits, the network learns to reject non-digits: this many synthetic "
    "scribbles, letters and textures.",
    "half_precision": "Computes with 16 instead of 32 bits: slightly faster on processors that "
    "support bfloat16, ten times slower on others. "
    + f"This app's processor {'supports' if knows_bfloat16() else 'does not support'} it.",
    "own_digits": "The digits that you taught on the Draw page.",
    "start": "A network usually starts with random weights. It can also start from a model of the "
    "same architecture: fine-tuning, with a lower learning rate and fewer epochs.",
    "strength": "0 treats rare and common digits alike, 1 is what the method's authors propose, "
    "more exaggerates it.",
}
CHOICES = {  # each choice of a setting: its name and what it does
    "optimiser": {
        "adam": ("Adam", "Adapts the step of each weight. A safe choice."),
        "adamw": ("AdamW", "Adam with weight decay."),
        "sgd": (
            "SGD",
            "The simplest: every weight moves straight downhill. Needs a higher learning rate.",
        ),
    },
    "schedule": {
        "constant": ("Constant", "The learning rate stays the same to the end."),
        "cosine": (
            "Cosine",
            "The learning rate rises briefly, then falls to 0, so that the last updates are fine.",
        ),
        "trapezoid": (
            "Trapezoid",
            "The learning rate stays high until the last quarter, then falls to 0, so that the "
            "command line can prolong the training.",
        ),
    },
    "loss": {
        "categorical_crossentropy": (
            "Categorical cross-entropy",
            "What training minimises: how improbable the network found the right digit. Allows "
            "label smoothing.",
        ),
        "sparse_categorical_crossentropy": (
            "Sparse categorical cross-entropy",
            "The same loss, computed from the digit itself instead of ten target numbers. No "
            "label smoothing.",
        ),
    },
    "precision": {
        "int8": (
            "8 bits",
            "The finished model is stored in 8-bit integers: a quarter of the size, faster, hardly "
            "less accurate.",
        ),
        "float32": ("32 bits", "The finished model is stored as trained."),
    },
}


def label_of(setting: str) -> str:
    """Name a setting for people: `batch_size` is "Batch size"."""
    return LABELS.get(setting) or setting.replace("_", " ").capitalize()
