package dev.fizzy.diffusion;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;

@OnCuda
class CudaGoldenTest extends GoldenTest {
  @Override
  protected Device open() {
    return Devices.open("cuda", 1);
  }
}
