package dev.fizzy.recognition.augment;

import dev.fizzy.image.Rgb;

/**
 * The operations of the published recognizers (Boutros et al. 2023, USynthFace and IDiff-Face),
 * with the magnitudes of torchvision's RandAugment: level m of {@value #LEVELS} - 1. Shear and
 * translation act along x only.
 */
public enum Augmentation {
  IDENTITY(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return image;
    }
  },
  SHEAR_X(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Warp.shearX(image, .3 * strength);
    }
  },
  TRANSLATE_X(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Warp.translateX(image, (int) (150. / 331 * image.width() * strength));
    }
  },
  ROTATE(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Warp.rotate(image, 30 * strength);
    }
  },
  BRIGHTNESS(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.brightness(image, 1 + .9f * strength);
    }
  },
  COLOR(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.saturation(image, 1 + .9f * strength);
    }
  },
  CONTRAST(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.contrast(image, 1 + .9f * strength);
    }
  },
  SHARPNESS(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.sharpness(image, 1 + .9f * strength);
    }
  },
  POSTERIZE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.posterize(image, 8 - Math.round(4 * strength));
    }
  },
  SOLARIZE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.solarize(image, 255 * (1 - strength));
    }
  },
  AUTO_CONTRAST(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.autoContrast(image);
    }
  },
  EQUALIZE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.equalize(image);
    }
  },
  GRAYSCALE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colors.gray(image);
    }
  };

  /** Number of levels of magnitude: 0 is the weakest, 30 the strongest. */
  public static final int LEVELS = 31;

  private final boolean signed;

  Augmentation(boolean signed) {
    this.signed = signed;
  }

  /** Whether the magnitude has a sign: left or right, darker or brighter. */
  public boolean signed() {
    return signed;
  }

  /**
   * The image after the operation; a new image if it changes.
   *
   * @param strength magnitude over 30, from 0 to 1; negative for the opposite direction if {@link
   *     #signed}
   */
  public abstract Rgb apply(Rgb image, float strength);
}
