package dev.fizzy.diffusion;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;

@OnCuda
class CudaAdversarialLossTest extends AdversarialLossTest {
  @Override
  protected Device open() {
    return Devices.open("cuda", 1);
  }
}
