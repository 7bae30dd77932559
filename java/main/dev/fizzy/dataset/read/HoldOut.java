package dev.fizzy.dataset.read;

import dev.fizzy.file.FileException;

/**
 * How many people are held out from training.
 *
 * @param amount a share of the people if below 1, otherwise their number
 */
public record HoldOut(double amount) {
  public HoldOut {
    if (!(amount > 0) || amount >= 1 && (amount != Math.rint(amount) || amount > 1e9)) {
      throw new FileException(
          "people are held out as a share between 0 and 1 or as a whole number, not " + amount);
    }
  }

  /** Parses a share such as .05 or a number such as 200. */
  public static HoldOut of(String text) {
    try {
      return new HoldOut(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      throw new FileException(
          "people are held out as a share such as .05 or a number such as 200, not " + text, e);
    }
  }

  /** Their number among {@code people}, at least 1. */
  public int of(int people) {
    return (int) (amount < 1 ? Math.max(1, Math.rint(amount * people)) : amount);
  }
}
