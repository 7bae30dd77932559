package dev.fizzy.identity;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.engine.Philox;
import dev.fizzy.file.FileException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Assigns contexts to training faces. */
public final class TrainingContexts {
  private static final Logger log = LoggerFactory.getLogger(TrainingContexts.class);
  private static final int THUMBNAIL = 8;
  private static final int AMBIGUOUS = -1;

  private TrainingContexts() {}

  /**
   * Each face's context by its name, or a projection of its thumbnail without contexts.
   *
   * @param contexts from `fizzy embed`, or null
   */
  public static float[][] of(FaceSet faces, Contexts contexts, int width) {
    if (contexts == null) {
      log.warn(
          "no contexts given: a thumbnail of each face is used instead, which has colors but no"
              + " identity");
      return thumbnails(faces, width);
    }
    contexts.requireWidth(width);
    Map<String, Integer> index = index(contexts);
    float[][] result = new float[faces.count()][];
    int missing = 0;
    String first = null;
    for (int i = 0; i < result.length; i++) {
      String face = faces.names().get(i);
      Integer at = index.getOrDefault(face, index.get(stem(face)));
      if (at == null) {
        missing++;
        first = first == null ? faces.names().get(i) : first;
      } else {
        result[i] = contexts.vector(at);
      }
    }
    if (missing > 0) {
      throw new FileException(
          "the file of contexts has no context for "
              + missing
              + " of "
              + faces.count()
              + " faces, "
              + first
              + " for one; embed the same folder again");
    }
    return result;
  }

  /** By names, and by names without an image's ending where these are different. */
  private static Map<String, Integer> index(Contexts contexts) {
    Map<String, Integer> index = new HashMap<>();
    Map<String, Integer> stems = new HashMap<>();
    for (int i = 0; i < contexts.size(); i++) {
      index.put(contexts.name(i), i);
      if (!stem(contexts.name(i)).equals(contexts.name(i))) {
        stems.merge(stem(contexts.name(i)), i, (one, two) -> AMBIGUOUS);
      }
    }
    stems.values().removeIf(i -> i == AMBIGUOUS);
    stems.forEach(index::putIfAbsent);
    return index;
  }

  /** A name without the ending of an image; `17.5` keeps its `.5`. */
  private static String stem(String name) {
    return name.replaceFirst("\\.(?i:jpe?g|png|bmp|webp|gif|tiff?|p[bgpn]m|img)$", "");
  }

  /** A fixed random projection of each face's thumbnail, with the mean removed, normalized. */
  private static float[][] thumbnails(FaceSet faces, int width) {
    int inputs = THUMBNAIL * THUMBNAIL * 3;
    Philox random = new Philox(0, Philox.Purpose.CONTEXT, 0);
    float[] projection = new float[inputs * width];
    for (int i = 0; i < projection.length; i++) {
      projection[i] = (float) random.nextGaussian();
    }
    float[][] result = new float[faces.count()][width];
    for (int i = 0; i < result.length; i++) {
      float[] small = shrink(faces.pixels(i), faces.size());
      double norm = 0;
      for (int k = 0; k < width; k++) {
        double sum = 0;
        for (int j = 0; j < inputs; j++) {
          sum += small[j] * projection[j * width + k];
        }
        result[i][k] = (float) sum;
        norm += sum * sum;
      }
      for (int k = 0; k < width; k++) {
        result[i][k] /= (float) Math.sqrt(norm + 1e-12);
      }
    }
    return result;
  }

  private static float[] shrink(byte[] pixels, int size) {
    float[] small = new float[THUMBNAIL * THUMBNAIL * 3];
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int cell = (y * THUMBNAIL / size * THUMBNAIL + x * THUMBNAIL / size) * 3;
        for (int c = 0; c < 3; c++) {
          small[cell + c] += (pixels[(y * size + x) * 3 + c] & 0xff) / 255f;
        }
      }
    }
    float mean = 0;
    for (float v : small) {
      mean += v / small.length;
    }
    for (int i = 0; i < small.length; i++) {
      small[i] -= mean;
    }
    return small;
  }
}
