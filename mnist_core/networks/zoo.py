"""The model zoo: one function per architecture, returned uncompiled.

Every model takes float32 images (n, 28, 28) in [0, 1], white ink on black, and gives ten
numbers an image. Its last activation tells what they are: `softmax`, `sigmoid`, or `linear`
for logits.
"""

from mnist_core.config import CLASSES, IMAGE_SIZE


def dense_five():
    """Five dense layers: 200, 100, 60 and 30 ReLU units, ten softmax outputs.

    The pixels it expects are already divided by 255.

    Source: the five-layer network of M. Görner's codelab "TensorFlow and deep learning,
    without a PhD" (Google, 2017).
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Flatten(),
            layers.Dense(200, activation="relu"),
            layers.Dense(100, activation="relu"),
            layers.Dense(60, activation="relu"),
            layers.Dense(30, activation="relu"),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="dense-five",
    )


def cnn_augmented():
    """Two convolutions with max-pooling, then dropout and two dense layers, softmax out.

    Meant to be trained on rotated, shifted, zoomed and sheared images.

    Source: F. Chollet, "Simple MNIST convnet" (keras.io code example, 2015). Deviations: a dense
    layer of 128 units and a second dropout before the output.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)),
            layers.Conv2D(32, 3, activation="relu"),  # 26 x 26 x 32
            layers.MaxPooling2D(),  # 13 x 13 x 32
            layers.Conv2D(64, 3, activation="relu"),  # 11 x 11 x 64
            layers.MaxPooling2D(),  # 5 x 5 x 64
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="cnn-augmented",
    )


def dense_sigmoid():
    """Two dense layers of 50 ReLU units, then ten sigmoid outputs.

    The sigmoids need not sum to 1; `inference.to_probabilities` says how they are made to.

    Source: a pattern of beginners' tutorials, kept for comparison; softmax is the usual choice.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Flatten(),
            layers.Dense(50, activation="relu"),
            layers.Dense(50, activation="relu"),
            layers.Dense(CLASSES, activation="sigmoid", dtype="float32"),
        ],
        name="dense-sigmoid",
    )


def cnn_three():
    """Convolutions of 32, 64 and 64 filters, max-pooling after the first two, a dense layer of 64.

    Source: F. Chollet, "Deep Learning with Python" (Manning, 2017), section 5.1.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)),
            layers.Conv2D(32, 3, activation="relu"),  # 26 x 26 x 32
            layers.MaxPooling2D(),  # 13 x 13 x 32
            layers.Conv2D(64, 3, activation="relu"),  # 11 x 11 x 64
            layers.MaxPooling2D(),  # 5 x 5 x 64
            layers.Conv2D(64, 3, activation="relu"),  # 3 x 3 x 64
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="cnn-three",
    )


def lenet_two():
    """Two sets of convolution, activation and pooling, a fully connected layer, softmax.

    Source: Y. LeCun et al., "Gradient-based learning applied to document recognition" (1998), in
    the shape of A. Rosebrock's "LeNet: convolutional neural network in Python" (PyImageSearch,
    2016). Deviations from LeCun: ReLU and max-pooling, 20 and 50 filters, one hidden layer of 500.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)),
            layers.Conv2D(20, 5, padding="same"),  # 28 x 28 x 20
            layers.Activation("relu"),
            layers.MaxPooling2D(),  # 14 x 14 x 20
            layers.Conv2D(50, 5, padding="same"),  # 14 x 14 x 50
            layers.Activation("relu"),
            layers.MaxPooling2D(),  # 7 x 7 x 50
            layers.Flatten(),
            layers.Dense(500, activation="relu"),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="lenet-two",
    )


def digit_net():
    """Our own: six convolutions with batch normalisation, averaged over the image.

    It gives logits. Widths are multiples of 16, the sizes that run fastest on CPUs. The first
    layer looks at every second place alone, because layers at full size cost most; the last two
    see no padding, which saves half of their work. The last feature maps are averaged over the
    image instead of flattened, so that the position of a part matters less.

    Source: K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
    recognition" (2015), shrunk; batch normalisation after S. Ioffe and C. Szegedy (2015), global
    average pooling after M. Lin, Q. Chen and S. Yan, "Network in network" (2014).
    """
    from keras import Model, layers

    def convolve(x, filters, size=3, strides=1, padding="same"):
        x = layers.Conv2D(filters, size, strides, padding, use_bias=False)(x)
        return layers.Activation("relu")(layers.BatchNormalization()(x))

    inputs = layers.Input((IMAGE_SIZE, IMAGE_SIZE))
    x = layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1))(inputs)
    x = convolve(x, 48, size=5, strides=2)  # 14 x 14 x 48
    x = layers.MaxPooling2D()(convolve(convolve(x, 64), 64))  # 7 x 7 x 64
    x = convolve(x, 192)  # 7 x 7 x 192
    x = convolve(x, 192, padding="valid")  # 5 x 5 x 192
    x = convolve(x, 256, padding="valid")  # 3 x 3 x 256
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))  # 256
    return Model(inputs, layers.Dense(CLASSES, dtype="float32")(x), name="digit-net")


ARCHITECTURES = {
    "digit-net": digit_net,
    "cnn-augmented": cnn_augmented,
    "cnn-three": cnn_three,
    "lenet-two": lenet_two,
    "dense-five": dense_five,
    "dense-sigmoid": dense_sigmoid,
}


def build(architecture, *, seed=0, half_precision=False):
    """Build a model with fresh weights.

    Parameters
    ----------
    architecture : a key of ARCHITECTURES
    seed : int; the same seed gives the same weights
    half_precision : bool; compute in bfloat16 up to the last layer, which is faster to train on
        processors that know it; weights stay float32

    Returns
    -------
    keras.Model, uncompiled

    Raises
    ------
    ValueError : unknown architecture
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(
            f"There is no architecture {architecture!r}; choose one of {', '.join(ARCHITECTURES)}."
        )
    import keras

    keras.utils.set_random_seed(seed)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16" if half_precision else "float32")
    try:
        return ARCHITECTURES[architecture]()
    finally:
        keras.config.set_dtype_policy(before)
