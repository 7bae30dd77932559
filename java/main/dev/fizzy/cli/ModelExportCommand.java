package dev.fizzy.cli;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.model.ModelNetwork;
import dev.fizzy.model.onnx.OnnxExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "export",
    description = {
      "Exports a network to ONNX in f32 with a dynamic batch size. Inputs and outputs are those of"
          + " `fizzy model run`.",
      "A model file itself is safetensors with the published tensor names, which Python's"
          + " safetensors.torch.load_file reads."
    },
    footer = {
      "",
      "Example:",
      "  fizzy model export --model idiff-face.safetensors --network decoder --out decoder.onnx"
    })
final class ModelExportCommand implements Callable<Integer> {
  @Mixin private ModelOptions model;

  @Option(
      names = {"--out", "--onnx"},
      required = true,
      paramLabel = "FILE.onnx",
      description = "ONNX file to write.")
  private Path out;

  @Mixin private DeviceOptions devices;
  @Mixin private JsonOutput output;

  @Override
  public Integer call() throws IOException {
    Outputs.checkFile(out, ".onnx");
    try (ModelNetwork network = model.open();
        Device device = devices.open()) {
      Graph graph = network.graph(1);
      try (Parameters parameters = network.parameters(device, graph)) {
        int nodes =
            OnnxExport.write(
                out,
                network.name(),
                network::graph,
                p -> parameters.read(Region.VALUES, parameters.slot(p.name())),
                ModelNetwork::outside,
                Map.of("model_sha256", network.sha256()));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("out", out.toString());
        json.put("network", network.name());
        json.put("nodes", nodes);
        json.put("bytes", Files.size(out));
        output.print(json, network + " in " + out + ": " + nodes + " nodes");
      }
    }
    return 0;
  }
}
