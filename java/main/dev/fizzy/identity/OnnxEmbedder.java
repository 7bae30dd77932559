package dev.fizzy.identity;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.fizzy.file.FileException;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.embedder.OnnxFeature;
import dev.fizzy.model.embedder.Preset;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any ONNX network from an aligned face [batch, 3, height, width] or [batch, height, width, 3] to a
 * vector, run by ONNX Runtime on one thread. Several threads may embed at a time, so a vector does
 * not depend on the number of threads.
 */
final class OnnxEmbedder implements Embedder {
  private static final Logger log = LoggerFactory.getLogger(OnnxEmbedder.class);

  private final Path file;
  private final OrtEnvironment environment;
  private final OrtSession session;
  private final String inputName;
  private final String outputName;
  private final boolean interleaved;
  private final int batch;
  private final Preset preset;
  private final int width;

  /**
   * @param preset how faces are prepared; null for the preset of a known file or the usual one of
   *     the input size
   * @param feature name of the output that is the vector; null where {@link OnnxFeature} chooses it
   */
  static OnnxEmbedder open(Path file, Preset preset, String feature) {
    try {
      return new OnnxEmbedder(file, preset, feature);
    } catch (OrtException e) {
      throw new FileException("the embedder " + file + " cannot be used: " + firstLine(e), e);
    }
  }

  private OnnxEmbedder(Path file, Preset wanted, String feature) throws OrtException {
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
                + "; expected a float tensor of four dimensions");
      }
      long[] shape = info.getShape();
      interleaved = shape[1] != 3 && shape[3] == 3;
      if (!interleaved && shape[1] != 3) {
        throw new FileException(
            "the embedder "
                + file
                + " takes "
                + Arrays.toString(shape)
                + "; expected three channels, first or last");
      }
      batch = shape[0] > 0 ? (int) shape[0] : 1;
      preset =
          Preset.of(
              file, wanted, (int) shape[interleaved ? 2 : 3], (int) shape[interleaved ? 1 : 2]);
      Map<String, Integer> widths = widths();
      outputName = OnnxFeature.choose(file, widths, feature);
      width = widths.get(outputName);
      done = true;
    } finally {
      if (!done) {
        session.close();
      }
    }
    log.info(
        "embedder {}: preset {}, output {}, width {}",
        file.getFileName(),
        preset.name(),
        outputName,
        width);
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  @Override
  public Preset preset() {
    return preset;
  }

  @Override
  public int width() {
    return width;
  }

  /** The batch of the network; 1 if it is free. */
  @Override
  public int batch() {
    return batch;
  }

  @Override
  public float[][] features(List<Rgb> faces) {
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

  /** Values per face of each float output, in order, determined by a run on gray faces. */
  private Map<String, Integer> widths() {
    Map<String, Integer> widths = new LinkedHashMap<>();
    run(
        new float[batch * 3 * preset.width() * preset.height()],
        session.getOutputNames(),
        result -> {
          for (Map.Entry<String, OnnxValue> output : result) {
            if (output.getValue() instanceof OnnxTensor out
                && out.getInfo().type == OnnxJavaType.FLOAT
                && out.getInfo().getNumElements() % batch == 0) {
              widths.put(output.getKey(), (int) (out.getInfo().getNumElements() / batch));
            }
          }
          return widths;
        });
    return widths;
  }

  private float[] run(float[] input) {
    return run(
        input,
        Set.of(outputName),
        result -> {
          FloatBuffer values = ((OnnxTensor) result.get(0)).getFloatBuffer();
          float[] vectors = new float[values.remaining()];
          values.get(vectors);
          if (vectors.length != batch * width) {
            throw new FileException(
                "the embedder "
                    + file
                    + " gave "
                    + vectors.length
                    + " values for "
                    + batch
                    + " faces, and "
                    + batch * width
                    + " before");
          }
          return vectors;
        });
  }

  private <T> T run(float[] input, Set<String> outputs, Function<OrtSession.Result, T> use) {
    long[] shape =
        interleaved
            ? new long[] {batch, preset.height(), preset.width(), 3}
            : new long[] {batch, 3, preset.height(), preset.width()};
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(input), shape);
        OrtSession.Result result = session.run(Map.of(inputName, tensor), outputs)) {
      return use.apply(result);
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
