package dev.fizzy.library;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.profile.Profile;
import dev.fizzy.engine.profile.Row;
import dev.fizzy.nn.Layer;
import java.util.Locale;

/** Records a small network, runs it once and times its operations. */
public final class OwnNetwork {
  public static void main(String[] args) {
    Graph graph = new Graph(DType.F32);
    Tensor image = graph.input("image", DType.F32, Stage.EVALUATION, 8, 64, 64, 3);
    Layer net = new Layer(graph, "net");
    Tensor h = net.at("conv1").convolution(image, 32, 3);
    h = net.at("norm1").groupNorm(h, 8, 1e-5, true);
    Tensor out = graph.output(net.at("conv2").convolution(h, 32, 3));
    try (Device device = Devices.cpu();
        Parameters parameters = new Parameters(device, graph.parameters(), Region.VALUES)) {
      parameters.initialize(1);
      try (Program program = new Program(graph, device, parameters)) {
        program.write(image, new float[8 * 64 * 64 * 3]);
        program.run();
        System.out.printf(
            "%d parameters, %d results%n", parameters.count(), program.read(out).length);
        Profile profile = Profile.of(program, 5);
        for (Row row : profile.byOperation()) {
          double share = row.ofFloor();
          System.out.printf(
              Locale.ROOT,
              "%-20s %8.3f ms, %3.0f %% of the possible speed%n",
              row.operation(),
              row.seconds() * 1e3,
              100 * share);
        }
      }
    }
  }
}
