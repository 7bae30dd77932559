package dev.fizzy.recognition.augment;

import dev.fizzy.image.Rgb;

/**
 * The operations of the published recognizers (Boutros et al. 2023, USynthFace and IDiff-Face),
 * with the magnitudes of torchvision's RandAugment: level m of {@value #LEVELS} - 1. Shear and
 * translation act along x alone.
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
      return Colours.brightness(image, 1 + .9f * strength);
    }
  },
  COLOR(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.saturation(image, 1 + .9f * strength);
    }
  },
  CONTRAST(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.contrast(image, 1 + .9f * strength);
    }
  },
  SHARPNESS(true) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.sharpness(image, 1 + .9f * strength);
    }
  },
  POSTERIZE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.posterize(image, 8 - Math.round(4 * strength));
    }
  },
  SOLARIZE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.solarize(image, 255 * (1 - strength));
    }
  },
  AUTO_CONTRAST(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.autoContrast(image);
    }
  },
  EQUALIZE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.equalize(image);
    }
  },
  GRAYSCALE(false) {
    @Override
    public Rgb apply(Rgb image, float strength) {
      return Colours.grey(image);
    }
  };

  /** Levels of magnitude: 0 does least, 30 most. */
  public static final int LEVELS = 31;

  private final boolean signed;

  Augmentation(boolean signed) {
    this.signed = signed;
  }

  /** Whether it acts both ways: left and right, darker and brighter. */
  public boolean signed() {
    return signed;
  }

  /**
   * The image after the operation; a new one where it changes.
   *
   * @param strength magnitude over 30, from 0 to 1; negative the other way where {@link #signed}
   */
  public abstract Rgb apply(Rgb image, float strength);
}
