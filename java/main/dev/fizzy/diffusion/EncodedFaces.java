package dev.fizzy.diffusion;

import dev.fizzy.dataset.read.FaceSet;
import dev.fizzy.engine.Workers;
import dev.fizzy.file.FileException;
import dev.fizzy.file.Sha256;
import dev.fizzy.model.DiffusionConfig;
import dev.fizzy.weights.Safetensors;
import dev.fizzy.weights.TensorDigest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The latents of all faces and of their mirror images, computed once before training. They are
 * stored in a file, so that a resumed run does not encode again.
 *
 * @param latents of each face, unscaled, [S,S,z]
 * @param mirrored latents of the mirrored faces, in the same order
 */
public record EncodedFaces(float[][] latents, float[][] mirrored) {
  private static final Logger log = LoggerFactory.getLogger(EncodedFaces.class);

  /**
   * Reads the file if it belongs to these faces and this autoencoder; otherwise encodes the faces
   * and writes the file.
   *
   * @param encoders opens encoders
   * @param autoencoder all that determines latents beside the faces
   * @param done called with the number of encoded faces
   */
  public static EncodedFaces of(
      FaceSet faces,
      Supplier<Workers<Autoencoding>> encoders,
      String autoencoder,
      Path file,
      LongConsumer done) {
    String key =
        Sha256.of(
            (autoencoder + "\n" + faces.size() + "\n" + String.join("\n", faces.names()))
                .getBytes(StandardCharsets.UTF_8));
    if (Files.exists(file)) {
      try (Safetensors kept = Safetensors.open(file)) {
        if (key.equals(kept.metadata().get("key"))) {
          EncodedFaces encoded =
              new EncodedFaces(
                  rows(kept.floats("latents"), faces.count()),
                  rows(kept.floats("mirrored"), faces.count()));
          if (encoded.checksum().equals(kept.metadata().get("sha256"))) {
            done.accept(faces.count());
            return encoded;
          }
        }
        log.warn(
            "{} belongs to other faces or another autoencoder, or is damaged; encoding again",
            file);
      } catch (FileException e) {
        log.warn("{}; encoding again", e.getMessage());
      }
    }
    EncodedFaces encoded;
    try (Workers<Autoencoding> opened = encoders.get()) {
      encoded = encode(faces, opened, done);
    }
    Safetensors.write(
        file,
        Map.of("key", key, "sha256", encoded.checksum()),
        List.of(
            encoded.entry("latents", encoded.latents),
            encoded.entry("mirrored", encoded.mirrored)));
    return encoded;
  }

  private String checksum() {
    TensorDigest digest = new TensorDigest();
    for (int i = 0; i < latents.length; i++) {
      digest.add("latents", latents[i]);
      digest.add("mirrored", mirrored[i]);
    }
    return digest.hex();
  }

  private Safetensors.Entry entry(String name, float[][] rows) {
    int width = rows[0].length;
    return new Safetensors.Entry(
        name,
        Safetensors.Type.F32,
        new long[] {rows.length, width},
        () -> {
          float[] flat = new float[rows.length * width];
          for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, flat, i * width, width);
          }
          return flat;
        });
  }

  private static float[][] rows(float[] flat, int count) {
    int width = flat.length / count;
    float[][] rows = new float[count][];
    for (int i = 0; i < count; i++) {
      rows[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
    }
    return rows;
  }

  private static EncodedFaces encode(
      FaceSet faces, Workers<Autoencoding> encoders, LongConsumer done) {
    int n = faces.count();
    int batch = encoders.first().batch();
    int pixels = faces.size() * faces.size() * 3;
    float[][] latents = new float[n][];
    float[][] mirrored = new float[n][];
    AtomicInteger encoded = new AtomicInteger();
    encoders.forEach(
        (n + batch - 1) / batch,
        (encoder, number) -> {
          int begin = number * batch;
          int count = Math.min(batch, n - begin);
          byte[] straight = new byte[batch * pixels];
          byte[] flipped = new byte[batch * pixels];
          for (int i = 0; i < count; i++) {
            byte[] face = faces.pixels(begin + i);
            System.arraycopy(face, 0, straight, i * pixels, pixels);
            Mirror.copy(face, faces.size(), flipped, i * pixels);
          }
          split(encoder.encode(straight), batch, count, latents, begin);
          split(encoder.encode(flipped), batch, count, mirrored, begin);
          done.accept(encoded.addAndGet(count));
        });
    return new EncodedFaces(latents, mirrored);
  }

  private static void split(float[] flat, int batch, int count, float[][] into, int begin) {
    int width = flat.length / batch;
    for (int i = 0; i < count; i++) {
      into[begin + i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
    }
  }

  /**
   * The factor that scales latents to unit standard deviation (Rombach et al. 2022, appendix G).
   */
  public double unitScale() {
    double squares = 0;
    long count = 0;
    for (float[] latent : latents) {
      for (float v : latent) {
        squares += (double) v * v;
      }
      count += latent.length;
    }
    return 1 / Math.sqrt(squares / count);
  }

  /** The scale of the configuration, or {@link #unitScale} if the configuration has none. */
  public double scale(DiffusionConfig config) {
    return config.latentScale() == 0 ? unitScale() : config.latentScale();
  }

  /**
   * Some faces to train on.
   *
   * @param faces which
   * @param identities contexts of all faces
   * @param people the person of each of {@code faces}, counted from 0
   */
  public DiffusionTask.Examples examples(int[] faces, float[][] identities, int[] people) {
    return new DiffusionTask.Examples(
        rows(latents, faces), rows(mirrored, faces), rows(identities, faces), people);
  }

  private static float[][] rows(float[][] all, int[] which) {
    return Arrays.stream(which).mapToObj(i -> all[i]).toArray(float[][]::new);
  }

  public EncodedFaces scaled(double scale) {
    return new EncodedFaces(scaled(latents, scale), scaled(mirrored, scale));
  }

  private static float[][] scaled(float[][] rows, double scale) {
    float[][] result = new float[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      result[i] = new float[rows[i].length];
      for (int k = 0; k < rows[i].length; k++) {
        result[i][k] = (float) (rows[i][k] * scale);
      }
    }
    return result;
  }
}
