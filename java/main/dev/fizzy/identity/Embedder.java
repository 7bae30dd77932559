package dev.fizzy.identity;

import dev.fizzy.engine.Devices;
import dev.fizzy.file.FileException;
import dev.fizzy.file.FileSignature;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.embedder.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Turns aligned faces into vectors that identify people. Several threads may embed at a time; a
 * vector does not depend on the number of threads.
 */
public interface Embedder extends AutoCloseable {

  /** Opens an embedder with the preset of a known file or the usual one of its input size. */
  static Embedder open(Path file) {
    return open(file, null);
  }

  /**
   * Opens a recognizer trained by Fizzy or any ONNX network; the content tells which it is.
   *
   * @param preset how an ONNX network's faces are prepared; null for the preset of a known file or
   *     the usual one of the input size. A recognizer's file contains its own.
   * @param feature name of the ONNX network's output that is the vector; null where {@link
   *     dev.fizzy.model.embedder.OnnxFeature} chooses it
   * @param devices where the network runs, as {@link dev.fizzy.engine.Devices#open} names them.
   *     ONNX networks with operators that the engine does not compute run on the CPU only, by ONNX
   *     Runtime on the calling thread.
   * @param threads threads on the CPU
   */
  static Embedder open(
      Path file, Preset preset, String feature, List<String> devices, int threads) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      throw new FileException("the embedder " + file + " does not exist or cannot be read");
    }
    FileSignature signature = signature(file);
    return switch (signature) {
      case SAFETENSORS -> EngineEmbedder.recognizer(file, devices, threads);
      case OTHER -> EngineEmbedder.onnx(file, preset, feature, devices, threads);
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

  /** Opens an embedder on the CPU with as many threads as processors. */
  static Embedder open(Path file, Preset preset) {
    return open(
        file, preset, null, List.of(Devices.CPU), Runtime.getRuntime().availableProcessors());
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

  /** Number of faces that the network takes at a time. */
  int batch();

  /**
   * The network's output, [faces, width].
   *
   * @param faces aligned squares of any size
   */
  float[][] features(List<Rgb> faces);

  /** Unit vectors [faces, width]; null for a face without a finite vector. */
  default float[][] embed(List<Rgb> faces) {
    return unit(features(faces));
  }

  /**
   * Unit vectors of the sum of a face's features and its mirror image's, as used in verification.
   */
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

  /** Scales to length 1; null if the length is 0 or not finite. */
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
