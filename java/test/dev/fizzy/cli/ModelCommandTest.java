package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.fizzy.identity.OnnxRuntime;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.TensorFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCommandTest {
  @TempDir Path folder;

  private static Npy array(int... shape) {
    SplittableRandom random = new SplittableRandom(shape.length);
    int n = 1;
    for (int d : shape) {
      n *= d;
    }
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextDouble(-1, 1);
    }
    return new Npy(shape, values);
  }

  private Path input(Map<String, Npy> arrays) {
    Path file = folder.resolve("in.npz");
    Npy.writeArchive(file, arrays);
    return file;
  }

  @Test
  void runsAsOnnxRuntimeDoes() throws IOException, OrtException {
    Map<String, Npy> arrays = new LinkedHashMap<>();
    arrays.put("x", array(2, 3, 8, 8));
    arrays.put("t", new Npy(new int[] {2}, new float[] {10, 500}));
    arrays.put("context", array(2, 512));
    Path out = folder.resolve("out.npz");
    Path onnx = folder.resolve("unet.onnx");
    Path model = TinyModel.model();
    Cli.run("model", "run", "--model", model, "--input", input(arrays), "--out", out).ok();
    var json =
        Cli.run("model", "export", "--model", model, "--network", "unet", "--onnx", onnx, "--json")
            .ok()
            .json();
    assertTrue(json.get("nodes").asInt() > 100);
    OnnxRuntime.version();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    for (var e : arrays.entrySet()) {
      long[] shape = Arrays.stream(e.getValue().shape()).asLongStream().toArray();
      inputs.put(
          e.getKey(),
          OnnxTensor.createTensor(environment, FloatBuffer.wrap(e.getValue().values()), shape));
    }
    try (TensorFile ours = TensorFile.open(out);
        OrtSession session = environment.createSession(onnx.toString());
        OrtSession.Result result = session.run(inputs)) {
      assertArrayEquals(new long[] {2, 3, 8, 8}, ours.tensor("y").shape());
      float[] theirs = new float[2 * 3 * 8 * 8];
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(theirs);
      assertArrayEquals(theirs, ours.tensor("y").floats(), 1e-4f);
    }
  }

  @Test
  void oneRowServesTheBatch() throws IOException {
    Map<String, Npy> arrays = new LinkedHashMap<>();
    Npy context = array(512);
    float[] twice = new float[1024];
    System.arraycopy(context.values(), 0, twice, 0, 512);
    System.arraycopy(context.values(), 0, twice, 512, 512);
    arrays.put("x", array(2, 3, 8, 8));
    arrays.put("t", new Npy(new int[] {2}, new float[] {7, 7}));
    arrays.put("context", new Npy(new int[] {2, 512}, twice));
    Path both = folder.resolve("both.npz");
    Path model = TinyModel.model();
    Cli.run("model", "run", "--model", model, "--input", input(arrays), "--out", both).ok();
    arrays.put("t", new Npy(new int[] {}, new float[] {7}));
    arrays.put("context", context);
    Path one = folder.resolve("one.npz");
    Cli.run("model", "run", "--model", model, "--input", input(arrays), "--out", one).ok();
    try (TensorFile a = TensorFile.open(both);
        TensorFile b = TensorFile.open(one)) {
      assertArrayEquals(a.tensor("y").floats(), b.tensor("y").floats());
    }
  }

  @Test
  void saysWhatAnInputLacks() throws IOException {
    Object[] run = {
      "model",
      "run",
      "--model",
      TinyModel.model(),
      "--out",
      folder.resolve("o.npz"),
      "--input",
      null
    };
    for (var wrong :
        Map.of(
                "no array context", Map.of("x", array(1, 3, 8, 8), "t", array(1)),
                "shape [1, 8, 8, 3]; the network takes [1, 3, 8, 8]",
                    Map.of("x", array(1, 8, 8, 3), "t", array(1), "context", array(1, 512)),
                "takes no input [z]",
                    Map.of(
                        "x", array(1, 3, 8, 8),
                        "t", array(1),
                        "context", array(1, 512),
                        "z", array(1)),
                "no array x", Map.of("y", array(1)))
            .entrySet()) {
      run[run.length - 1] = input(wrong.getValue());
      Cli.Result result = Cli.run(run);
      assertEquals(1, result.code(), result.err());
      assertTrue(result.err().contains(wrong.getKey()), result.err());
    }
  }

  @Test
  void inspectsAndImports() throws IOException {
    Path model = TinyModel.model();
    var json = Cli.run("inspect", model, "--json").ok().json();
    assertEquals("safetensors", json.get("format").asText());
    assertEquals("fizzy-model-1", json.get("metadata").get("format").asText());
    assertTrue(json.get("tensors").get(0).get("max").isNumber());
    assertTrue(Cli.run("inspect", model).ok().out().contains("image_proj.weight"));
    Path again = folder.resolve("again.safetensors");
    Cli.run("import", model, "--config", "tiny", "--out", again).ok();
    try (TensorFile before = TensorFile.open(model);
        TensorFile after = TensorFile.open(again)) {
      assertTrue(before.names().containsAll(after.names()));
      String name = "down.0.res.conv1.weight";
      assertArrayEquals(before.tensor(name).floats(), after.tensor(name).floats());
    }
  }
}
