package dev.fizzy.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.diffusion.Sampler;
import dev.fizzy.engine.DType;
import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.Later;
import dev.fizzy.engine.Parameters;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.cuda.StandIn;
import dev.fizzy.engine.cuda.StandIn.Counter;
import dev.fizzy.image.Rgb;
import dev.fizzy.model.ModelConfig;
import dev.fizzy.model.Recorded.Network;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing comes to the host between the contexts and the pixels. */
@StandIn
class CudaFaceSamplerTest {
  private static final ModelConfig TINY = scaled(ModelConfig.load("tiny"));

  @Test
  void aBatchIsStartedBeforeTheOneBeforeIsTaken() {
    SamplingSettings settings = new SamplingSettings(Sampler.of("ddim"), 1, 1, true, 1, DType.F32);
    try (Device device = Devices.open("cuda", 1);
        Parameters autoencoder = parameters(device, Network.AUTOENCODER);
        Parameters unet = parameters(device, Network.UNET);
        FaceSampler sampler =
            new FaceSampler(device, TINY, autoencoder, unet, Region.VALUES, settings)) {
      byte[] drawn = sampler.draw(List.of(face(0)), 1).get(0).pixels(); // loads the libraries
      long waits = Counter.WAITS.value();
      Later<List<Rgb>> one = sampler.start(List.of(face(0)), 1);
      Later<List<Rgb>> other = sampler.start(List.of(face(1)), 1);
      assertEquals(waits, Counter.WAITS.value(), "the host waits for a batch that it only starts");
      assertArrayEquals(drawn, one.get().get(0).pixels());
      assertFalse(Arrays.equals(drawn, other.get().get(0).pixels()));
      assertTrue(Counter.WAITS.value() > waits);
    }
  }

  private static ModelConfig scaled(ModelConfig config) {
    return config.with(config.diffusion().scaled(.2));
  }

  private static FaceSampler.Face face(int image) {
    float[] context = new float[TINY.network().contextInput()];
    context[image] = 1;
    return new FaceSampler.Face(context, 0, image);
  }

  private static Parameters parameters(Device device, Network network) {
    Parameters parameters =
        new Parameters(device, ModelWeights.parameters(TINY, network), Region.VALUES);
    parameters.initialize(1);
    return parameters;
  }
}
