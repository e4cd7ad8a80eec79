"""Combinations: what happens to pictures in the world is several corruptions at once."""

from mnist_core.corruptions.records import Combination

COMBINATIONS = {
    "bad_photocopy": Combination(
        "Bad photocopy",
        "A poor photocopy: pale, with a stripe and specks.",
        (("contrast", 0.5), ("stripe", 0.4), ("salt_and_pepper", 0.3)),
    ),
    "phone_in_the_dark": Combination(
        "Phone in the dark",
        "A photo taken by phone in the dark: shaken, unevenly lit and grainy.",
        (("motion_blur", 0.5), ("uneven_illumination", 0.8), ("gaussian_noise", 0.5)),
    ),
    "rainy_windscreen": Combination(
        "Rainy windscreen",
        "A view through a wet windscreen: blurred, misty, with drops.",
        (("glass_blur", 0.4), ("fog", 0.3), ("spatter", 0.5)),
    ),
    "old_fax": Combination(
        "Old fax",
        "A page from an old fax machine: coarse, black and white, with a dotted line.",
        (("pixelate", 0.5), ("threshold", 1.0), ("dotted_line", 0.5)),
    ),
    "hasty_scan": Combination(
        "Hasty scan",
        "A page scanned in a hurry: crooked, too bright, and saved as a small file.",
        (("rotate", 0.5), ("perspective", 0.5), ("brightness", 0.4), ("jpeg", 0.7)),
    ),
}
