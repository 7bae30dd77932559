package dev.fizzy.identity;

import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import dev.fizzy.image.Rgb;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns aligned faces into vectors that tell people apart. Several threads may embed at a time; a
 * vector does not depend on how many there are.
 */
public interface Embedder extends AutoCloseable {

  /**
   * Opens a recognizer of our own or any ONNX network, told apart by content.
   *
   * @param preset how an ONNX network's faces are prepared; null: the one of a known file, or by
   *     the input's size. A recognizer of our own knows.
   * @param threads of the network of a recognizer of our own; an ONNX network runs on the thread
   *     that embeds
   */
  static Embedder open(Path file, Preset preset, int threads) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new FileException("the embedder " + file + " does not exist or cannot be read");
    }
    FileSignature signature = signature(file);
    return switch (signature) {
      case SAFETENSORS -> RecognizerEmbedder.open(file, threads);
      case OTHER -> OnnxEmbedder.open(file, preset);
      case PYTORCH ->
          throw new FileException(
              "the embedder "
                  + file
                  + " is a PyTorch file; `fizzy import "
                  + file
                  + " --out FILE.safetensors` makes a recognizer of an iResNet's, and PyTorch"
                  + " exports any network as ONNX");
      default -> throw new FileException("the embedder " + file + " " + signature.sentence());
    };
  }

  /** With a thread a processor. */
  static Embedder open(Path file, Preset preset) {
    return open(file, preset, Runtime.getRuntime().availableProcessors());
  }

  private static FileSignature signature(Path file) {
    try {
      return FileSignature.of(file);
    } catch (IOException e) {
      throw FileException.of("read", file, e);
    }
  }

  /** How faces are prepared. */
  Preset preset();

  /** Width of the vectors. */
  int width();

  /** Faces the network takes at a time. */
  int batch();

  /**
   * What the network gives, [faces, width].
   *
   * @param faces aligned squares of any size
   */
  float[][] features(List<Rgb> faces);

  /** Unit vectors [faces, width]. A face that the network has no finite vector for gets null. */
  default float[][] embed(List<Rgb> faces) {
    return unit(features(faces));
  }

  /** The same for the sum of a face's features and its mirror image's, as verification has it. */
  default float[][] embedBothWays(List<Rgb> faces) {
    float[][] sum = features(faces);
    float[][] mirrored = features(faces.stream().map(Rgb::mirrored).toList());
    for (int i = 0; i < sum.length; i++) {
      for (int k = 0; k < sum[i].length; k++) {
        sum[i][k] += mirrored[i][k];
      }
    }
    return unit(sum);
  }

  private static float[][] unit(float[][] vectors) {
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = unit(vectors[i]);
    }
    return vectors;
  }

  /** Scales to length 1; null where that cannot be done. */
  static float[] unit(float[] vector) {
    double sum = 0;
    for (float v : vector) {
      sum += (double) v * v;
    }
    double norm = Math.sqrt(sum);
    if (!(norm > 0) || Double.isInfinite(norm)) {
      return null;
    }
    for (int i = 0; i < vector.length; i++) {
      vector[i] = (float) (vector[i] / norm);
    }
    return vector;
  }

  @Override
  void close();
}
