package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;

@OnCuda
class CudaRandomKernelsTest extends RandomKernelsTest {
  @Override
  protected Device open() {
    return Devices.open("cuda", 1);
  }
}
