package dev.fizzy.diffusion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.Stage;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.Loss;
import dev.fizzy.engine.op.VectorQuantize;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.PatchDiscriminator;
import dev.fizzy.model.VqAutoencoder;
import dev.fizzy.model.VqAutoencoderConfig;
import dev.fizzy.rival.Ours;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Both networks' gradients in one program, against one program for each loss. */
class AdversarialLossTest {
  private static final VqAutoencoderConfig CONFIG = ModelConfig.load("tiny").autoencoder();
  private static final double WEIGHT = .7;
  private static final AutoencoderTask.Adversarial SETTINGS =
      new AutoencoderTask.Adversarial(WEIGHT, 0, new PatchDiscriminator.Config(8, 2));
  private static final String LAST = "decoder.conv_out.weight";

  protected Device open() {
    return new CpuDevice();
  }

  /** The networks and their losses, without gradients. */
  private static final class Networks {
    final Graph g = new Graph(DType.F32);
    final Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 16, 16, 3);
    final VqAutoencoder autoencoder = new VqAutoencoder(g, CONFIG);
    final VectorQuantize quantized = autoencoder.quantize(autoencoder.encode(x));
    final Tensor decoded = autoencoder.decode(quantized.quantized());
    final Tensor reconstruction = Loss.l1(decoded, x);
    final AdversarialLoss adversarial = new AdversarialLoss(g, SETTINGS, x, decoded);
  }

  private record Result(Map<String, float[]> gradients, Map<String, Float> values) {}

  private Result run(Networks n, Map<String, Tensor> values) {
    values.values().forEach(n.g::output);
    try (Device device = open();
        Parameters parameters =
            new Parameters(device, n.g.parameters(), Region.VALUES, Region.GRADIENTS)) {
      Ours.randomize(parameters, 5);
      try (Program program = new Program(n.g, device, parameters)) {
        SplittableRandom random = new SplittableRandom(1);
        float[] x = new float[Math.toIntExact(n.x.elements())];
        for (int i = 0; i < x.length; i++) {
          x[i] = (float) random.nextDouble(-1, 1);
        }
        program.write(n.x, x);
        program.run();
        Map<String, float[]> gradients = new LinkedHashMap<>();
        parameters
            .slots()
            .forEach(
                s -> gradients.put(s.parameter().name(), parameters.read(Region.GRADIENTS, s)));
        Map<String, Float> read = new LinkedHashMap<>();
        values.forEach((name, t) -> read.put(name, program.read(t)[0]));
        return new Result(gradients, read);
      }
    }
  }

  /** The gradients of one of the losses, in a program of its own. */
  private Map<String, float[]> alone(Networks n, Tensor loss) {
    n.g.backward(loss);
    return run(n, Map.of()).gradients();
  }

  private static double norm(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += (double) v * v;
    }
    return Math.sqrt(sum);
  }

  @Test
  void weighsTheGradientsAndTeachesBothNetworks() {
    Networks whole = new Networks();
    Tensor scale =
        whole.adversarial.backward(
            whole.reconstruction, List.of(whole.quantized.loss()), whole.autoencoder.lastWeights());
    Map<String, Tensor> metrics = new LinkedHashMap<>(whole.adversarial.metrics());
    metrics.put("weight", scale);
    Result together = run(whole, metrics);

    Networks first = new Networks();
    Map<String, float[]> wanted = alone(first, first.reconstruction);
    Networks second = new Networks();
    Map<String, float[]> generated = alone(second, second.adversarial.generator());
    Networks third = new Networks();
    Map<String, float[]> quantized = alone(third, third.quantized.loss());
    Networks fourth = new Networks();
    Map<String, float[]> judged = alone(fourth, fourth.adversarial.metrics().get("discriminator"));

    double expected = WEIGHT * norm(wanted.get(LAST)) / (norm(generated.get(LAST)) + 1e-4);
    double weight = together.values().get("weight");
    assertTrue(expected > 1e-3 && expected < 7e3, "a weight that is clamped shows nothing");
    assertEquals(expected, weight, 1e-5 * expected);

    together
        .gradients()
        .forEach(
            (name, gradient) -> {
              float[] sum = judged.get(name);
              if (!name.startsWith(PatchDiscriminator.PREFIX)) {
                for (int i = 0; i < sum.length; i++) {
                  double terms = wanted.get(name)[i] + weight * generated.get(name)[i];
                  sum[i] = (float) (terms + quantized.get(name)[i]);
                }
              }
              double largest = norm(sum);
              // The last bias: half of real and half of generated logits' gradients cancel.
              assertTrue(largest > 0 || name.endsWith("main.8.bias"), name + " has no gradient");
              // The keys' bias has no gradient but rounding: softmax does not see it.
              assertArrayEquals(sum, gradient, (float) (1e-8 + 1e-4 * largest), name);
            });
  }

  @Test
  void theMetricsAreThoseOfTheHingeLoss() {
    Networks n = new Networks();
    Map<String, Float> values = run(n, n.adversarial.metrics()).values();
    assertEquals(-values.get("adversarial"), values.get("logits_fake"), 0);
    // With logits that are small, no hinge is flat: half of (1 - real) + (1 + fake).
    double linear = 1 + (values.get("logits_fake") - values.get("logits_real")) / 2;
    assertTrue(values.get("discriminator") >= linear - 1e-5, values.toString());
  }
}
