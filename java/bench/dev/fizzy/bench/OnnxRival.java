package dev.fizzy.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.onnx.OnnxExport;
import dev.fizzy.rival.Ours;
import dev.fizzy.rival.Twin;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/** A network exported as ONNX and run by ONNX Runtime in f32. */
final class OnnxRival implements AutoCloseable {
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final OrtSession session;

  /**
   * @param twins the network at a batch size
   * @param batch of the inputs
   * @param values of the inputs in the twin's order, pictures [B,H,W,C]
   */
  OnnxRival(
      IntFunction<Twin> twins, int batch, Parameters parameters, List<float[]> values, int threads)
      throws IOException, OrtException {
    Path file = Files.createTempFile("fizzy-bench", ".onnx");
    try {
      OnnxExport.write(
          file,
          "rival",
          b -> {
            Graph g = new Graph(DType.F32);
            Ours.record(g, twins.apply(b), Ours.Work.FORWARD);
            return g;
          },
          p -> parameters.read(Region.VALUES, parameters.slot(p.name())),
          UnaryOperator.identity(),
          Map.of());
      OrtSession.SessionOptions options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(threads);
      session = OrtEnvironment.getEnvironment().createSession(file.toString(), options);
      open.add(session);
    } finally {
      Files.delete(file);
    }
    List<Twin.Input> wanted = twins.apply(batch).inputs();
    for (int i = 0; i < wanted.size(); i++) {
      put(wanted.get(i), values.get(i));
    }
  }

  private void put(Twin.Input input, float[] values) throws OrtException {
    int[] s = input.shape();
    boolean picture = s.length == 4;
    long[] shape = new long[s.length];
    for (int i = 0; i < s.length; i++) {
      shape[i] = s[i];
    }
    if (picture) {
      shape = new long[] {s[0], s[3], s[1], s[2]};
    }
    float[] laid = picture ? planes(values, s[1] * s[2], s[3]) : values;
    OnnxTensor tensor =
        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(laid), shape);
    open.add(tensor);
    inputs.put(input.name(), tensor);
  }

  /** [B,H,W,C] as [B,C,H,W]. */
  private static float[] planes(float[] values, int pixels, int channels) {
    float[] planes = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      int image = i / (pixels * channels);
      int pixel = i / channels % pixels;
      planes[(image * channels + i % channels) * pixels + pixel] = values[i];
    }
    return planes;
  }

  void run() {
    try (OrtSession.Result result = session.run(inputs)) {
      result.get(0);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws OrtException {
    for (int i = open.size() - 1; i >= 0; i--) {
      try {
        open.get(i).close();
      } catch (OrtException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
