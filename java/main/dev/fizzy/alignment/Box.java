package dev.fizzy.alignment;

/** A rectangle in an image; the center of the image's first pixel is (0, 0). */
public record Box(double left, double top, double right, double bottom) {
  public double area() {
    return (right - left) * (bottom - top);
  }

  public double centerX() {
    return (left + right) / 2;
  }

  public double centerY() {
    return (top + bottom) / 2;
  }
}
