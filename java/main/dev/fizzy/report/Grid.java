package dev.fizzy.report;

import dev.fizzy.dataset.write.ImageWriter;
import dev.fizzy.file.AtomicFile;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.image.SyntheticOrigin;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A labeled grid of images, such as one row per identity. */
public final class Grid {
  private static final int GAP = 2;

  /** What viewers open, and 800 MB here. */
  private static final int MOST_PIXELS = 200_000_000;

  private static final int LABEL_HEIGHT = 14;

  private final int columns;
  private final int size;
  private final BufferedImage image;
  private final Graphics2D graphics;
  private final int labelWidth;

  /**
   * @param labels one per row
   * @param columns images in each row
   * @param size side of an image in pixels
   */
  public Grid(List<String> labels, int columns, int size) {
    this.columns = columns;
    this.size = size;
    int longest = labels.stream().mapToInt(String::length).max().orElse(0);
    this.labelWidth = longest == 0 ? 0 : Math.min(200, 7 * longest + 6);
    double pixels =
        (labelWidth + (double) columns * (size + GAP)) * ((double) labels.size() * (size + GAP));
    if (pixels > MOST_PIXELS) {
      throw new FileException(
          "a grid of "
              + labels.size()
              + " rows of "
              + columns
              + " images has more pixels than the "
              + MOST_PIXELS
              + " that a picture may have; fewer identities or images fit");
    }
    image =
        new BufferedImage(
            labelWidth + columns * (size + GAP),
            labels.size() * (size + GAP),
            BufferedImage.TYPE_INT_RGB);
    graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.setColor(Color.DARK_GRAY);
    graphics.setFont(new Font(Font.MONOSPACED, Font.PLAIN, LABEL_HEIGHT - 3));
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    for (int row = 0; row < labels.size(); row++) {
      graphics.drawString(labels.get(row), 2, row * (size + GAP) + size / 2 + LABEL_HEIGHT / 3);
    }
  }

  /**
   * Copies RGB pixels [size,size,3], which start at {@code offset}, into a cell; from any thread.
   */
  public synchronized void put(int row, int column, byte[] pixels, int offset) {
    if (column >= columns) {
      throw new IllegalArgumentException("column " + column + " of " + columns);
    }
    int left = labelWidth + column * (size + GAP);
    int top = row * (size + GAP);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int at = offset + (y * size + x) * 3;
        image.setRGB(
            left + x,
            top + y,
            (pixels[at] & 0xff) << 16 | (pixels[at + 1] & 0xff) << 8 | pixels[at + 2] & 0xff);
      }
    }
  }

  /** The format for the file's extension; null for an unknown one. */
  public static ImageWriter format(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".png")) {
      return ImageWriter.png();
    }
    return name.endsWith(".jpg") || name.endsWith(".jpeg") ? ImageWriter.named("jpeg") : null;
  }

  /**
   * Writes PNG or JPEG, by the file's extension, which must have a {@link #format}.
   *
   * @param origin of synthetic images; null for others
   */
  public void write(Path file, SyntheticOrigin origin) {
    graphics.dispose();
    int[] colors =
        image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
    byte[] pixels = new byte[3 * colors.length];
    for (int i = 0; i < colors.length; i++) {
      pixels[3 * i] = (byte) (colors[i] >> 16);
      pixels[3 * i + 1] = (byte) (colors[i] >> 8);
      pixels[3 * i + 2] = (byte) colors[i];
    }
    Rgb picture = new Rgb(image.getWidth(), image.getHeight(), pixels);
    AtomicFile.write(file, format(file).encode(picture, origin));
  }
}
