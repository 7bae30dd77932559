package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.file.FileException;
import dev.fizzy.model.ModelNetwork;
import dev.fizzy.model.ModelNetwork.Array;
import dev.fizzy.weights.Npy;
import dev.fizzy.weights.StoredTensor;
import dev.fizzy.weights.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "run",
    description = {
      "Runs a network once on arrays, to compare it with PyTorch. Images are [B,C,H,W].",
      "UNET takes x [B,C,S,S], t [B] in steps and context [B,W]; ENCODER and AUTOENCODER take x,"
          + " images in [-1,1]; DECODER takes x, latents; RECOGNIZER takes x, RGB faces in [-1,1]."
          + " An autoregressive model's UNET takes x, tokens [B,T,F], and context: of each token"
          + " the codebook's vector of the code before it (zeros for the first), its row and its"
          + " column, one-hot; it gives logits [B T,N]. The output is y. t and context may have one row for the whole batch."
    },
    footer = {
      "",
      "Example:",
      "  fizzy model run --model idiff-face.safetensors --network unet --input in.npz --out out.npz"
    })
final class ModelRunCommand implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "Input arrays by name: .npz, or any other file of tensors.")
  private Path input;

  @Option(names = "--out", required = true, paramLabel = "FILE.npz", description = "File to write.")
  private Path out;

  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() {
    Outputs.checkFile(out, ".npz");
    Map<String, Array> inputs = new LinkedHashMap<>();
    try (TensorFile in = TensorFile.open(input)) {
      in.tensors().forEach((name, tensor) -> inputs.put(name, array(name, tensor)));
    }
    try (ModelNetwork network = model.open();
        Device device = devices.open()) {
      Array y = network.run(device, inputs);
      Npy.writeArchive(out, Map.of("y", new Npy(y.shape(), y.values())));
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("out", out.toString());
      json.put("network", network.name());
      json.put("shape", y.shape());
      output.print(json, network + ": y " + Arrays.toString(y.shape()) + " in " + out);
    }
    return 0;
  }

  private Array array(String name, StoredTensor tensor) {
    int[] shape = new int[tensor.shape().length];
    for (int i = 0; i < shape.length; i++) {
      if (tensor.shape()[i] > Integer.MAX_VALUE) {
        throw new FileException(input + ": " + name + " is too large");
      }
      shape[i] = (int) tensor.shape()[i];
    }
    return new Array(shape, tensor.floats());
  }
}
