package dev.fizzy.model.embedder;

import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.image.Resampler;
import dev.fizzy.image.Rgb;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The input of an embedder: the aligned face is scaled to a square of side max(width, height), the
 * center of width x height is cut out, its channels are put in order, and each value x (0..255)
 * becomes (x - mean) / divisor.
 *
 * @param bgr whether blue comes first, as in OpenCV
 */
public record Preset(String name, int width, int height, boolean bgr, float mean, float divisor) {
  /** All faces are aligned to the five-point ArcFace template, scaled to the square. */
  public static final List<Preset> ALL =
      List.of(
          new Preset("arcface-112", 112, 112, false, 127.5f, 127.5f),
          new Preset("elasticface-112", 112, 112, false, 127.5f, 127.5f),
          new Preset("mobilefacenet-112", 112, 112, true, 127, 128),
          new Preset("mobilefacenet-112x96", 96, 112, false, 127.5f, 128));

  /** Width and height of a network whose input has any. */
  private static final int SIDE = 112;

  /** Known files whose preset does not follow from their shape, by SHA-256. */
  private static final Map<String, String> KNOWN =
      Map.of(
          "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581", "mobilefacenet-112");

  public static Preset named(String name) {
    return ALL.stream()
        .filter(p -> p.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new FileException(
                    "there is no preset "
                        + name
                        + "; expected one of "
                        + ALL.stream().map(Preset::name).toList()));
  }

  /** The preset of a known file, otherwise the first one of the input's size. */
  private static Preset guess(String sha256, int width, int height) {
    if (KNOWN.containsKey(sha256)) {
      return named(KNOWN.get(sha256));
    }
    return ALL.stream()
        .filter(p -> p.width == width && p.height == height)
        .findFirst()
        .orElse(
            new Preset("arcface-" + height + "x" + width, width, height, false, 127.5f, 127.5f));
  }

  /**
   * The preset of a network.
   *
   * @param wanted by the user; null for the preset of a known file or the usual one of the size
   * @param w width of the network's input, not positive if it is free
   * @param h its height, likewise
   */
  public static Preset of(Path file, Preset wanted, int w, int h) {
    Preset chosen =
        wanted != null ? wanted : guess(Sha256.of(file), w > 0 ? w : SIDE, h > 0 ? h : SIDE);
    if (w > 0 && w != chosen.width || h > 0 && h != chosen.height) {
      throw new FileException(
          "the embedder "
              + file
              + " takes faces "
              + w
              + " wide and "
              + h
              + " high, and preset "
              + chosen.name
              + " makes them "
              + chosen.width
              + " wide and "
              + chosen.height
              + " high");
    }
    return chosen;
  }

  /** The network's input as planes [3, height, width] or interleaved [height, width, 3]. */
  public float[] input(Rgb face, boolean interleaved) {
    int side = Math.max(width, height);
    Rgb part =
        Resampler.resize(face.square(), side, side)
            .crop((side - width) / 2, (side - height) / 2, width, height);
    byte[] in = part.pixels();
    int pixels = width * height;
    float[] out = new float[3 * pixels];
    for (int i = 0; i < pixels; i++) {
      for (int c = 0; c < 3; c++) {
        float v = ((in[3 * i + (bgr ? 2 - c : c)] & 255) - mean) / divisor;
        out[interleaved ? 3 * i + c : c * pixels + i] = v;
      }
    }
    return out;
  }
}
