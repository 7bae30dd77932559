package dev.fizzy.identity;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fizzy.image.Rgb;
import dev.fizzy.weights.FileException;
import dev.fizzy.weights.Sha256;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A face embedder: any ONNX network from an aligned face [batch, 3, height, width] or [batch,
 * height, width, 3] to a vector, run by ONNX Runtime on one thread. Several threads may embed at a
 * time, so a vector does not depend on how many there are.
 */
public final class Embedder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Embedder.class);

  private final Path file;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;
  private final boolean interleaved;
  private final int batch;
  private final Preset preset;
  private final int width;

  /**
   * @param preset how faces are prepared; null: the one of a known file, or by the input's size
   */
  public static Embedder open(Path file, Preset preset) {
    if (!Files.isReadable(file)) {
      throw new FileException("the embedder " + file + " does not exist or cannot be read");
    }
    try {
      return new Embedder(file, preset);
    } catch (OrtException e) {
      throw new FileException("the embedder " + file + " cannot be used: " + firstLine(e), e);
    }
  }

  private Embedder(Path file, Preset wanted) throws OrtException {
    this.file = file;
    this.environment = OnnxRuntime.environment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      this.session = environment.createSession(file.toString(), options);
    }
    boolean done = false;
    try {
      inputName = session.getInputNames().iterator().next();
      if (!(session.getInputInfo().get(inputName).getInfo() instanceof TensorInfo info)
          || info.type != OnnxJavaType.FLOAT
          || info.getShape().length != 4) {
        throw new FileException(
            "the embedder "
                + file
                + " takes "
                + session.getInputInfo().get(inputName).getInfo()
                + "; a float tensor of four dimensions is wanted");
      }
      long[] shape = info.getShape();
      interleaved = shape[1] != 3 && shape[3] == 3;
      if (!interleaved && shape[1] != 3) {
        throw new FileException(
            "the embedder "
                + file
                + " takes "
                + Arrays.toString(shape)
                + "; three channels are wanted, first or last");
      }
      batch = shape[0] > 0 ? (int) shape[0] : 1;
      preset = preset(wanted, shape[interleaved ? 2 : 3], shape[interleaved ? 1 : 2]);
      width = run(new float[batch * 3 * preset.width() * preset.height()]).length / batch;
      done = true;
    } finally {
      if (!done) {
        session.close();
      }
    }
    log.info("embedder {}: preset {}, width {}", file.getFileName(), preset.name(), width);
  }

  private Preset preset(Preset wanted, long w, long h) {
    Preset chosen =
        wanted != null
            ? wanted
            : Preset.guess(Sha256.of(file), w > 0 ? (int) w : 112, h > 0 ? (int) h : 112);
    if (w > 0 && w != chosen.width() || h > 0 && h != chosen.height()) {
      throw new FileException(
          "the embedder "
              + file
              + " takes faces "
              + w
              + " wide and "
              + h
              + " high, and preset "
              + chosen.name()
              + " makes them "
              + chosen.width()
              + " wide and "
              + chosen.height()
              + " high");
    }
    return chosen;
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  public Preset preset() {
    return preset;
  }

  /** Width of the vectors. */
  public int width() {
    return width;
  }

  /** Faces the network takes at a time; 1 where it leaves that free. */
  public int batch() {
    return batch;
  }

  /**
   * Unit vectors [faces, width]. A face that the network has no finite vector for gets null.
   *
   * @param faces aligned squares of any size
   */
  public float[][] embed(List<Rgb> faces) {
    return unit(features(faces));
  }

  /** The same for the sum of a face's features and its mirror image's, as verification has it. */
  public float[][] embedBothWays(List<Rgb> faces) {
    float[][] sum = features(faces);
    float[][] mirrored = features(faces.stream().map(Rgb::mirrored).toList());
    for (int i = 0; i < sum.length; i++) {
      for (int k = 0; k < width; k++) {
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

  /** What the network gives, [faces, width]. */
  private float[][] features(List<Rgb> faces) {
    float[][] out = new float[faces.size()][];
    int perFace = 3 * preset.width() * preset.height();
    for (int from = 0; from < out.length; from += batch) {
      int n = Math.min(batch, out.length - from);
      float[] input = new float[batch * perFace];
      for (int i = 0; i < n; i++) {
        System.arraycopy(
            preset.input(faces.get(from + i), interleaved), 0, input, i * perFace, perFace);
      }
      float[] vectors = run(input);
      for (int i = 0; i < n; i++) {
        out[from + i] = Arrays.copyOfRange(vectors, i * width, (i + 1) * width);
      }
    }
    return out;
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

  private float[] run(float[] input) {
    long[] shape =
        interleaved
            ? new long[] {batch, preset.height(), preset.width(), 3}
            : new long[] {batch, 3, preset.height(), preset.width()};
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input), shape);
        OrtSession.Result result = session.run(Map.of(inputName, tensor))) {
      if (!(result.get(0) instanceof OnnxTensor out) || out.getInfo().type != OnnxJavaType.FLOAT) {
        throw new FileException("the embedder " + file + " does not give a float tensor");
      }
      FloatBuffer values = out.getFloatBuffer();
      float[] vectors = new float[values.remaining()];
      values.get(vectors);
      if (vectors.length == 0 || vectors.length % batch != 0) {
        throw new FileException(
            "the embedder " + file + " gave " + vectors.length + " values for " + batch + " faces");
      }
      return vectors;
    } catch (OrtException e) {
      throw new FileException("the embedder " + file + " failed: " + firstLine(e), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new FileException("the embedder " + file + " cannot be closed: " + firstLine(e), e);
    }
  }
}
