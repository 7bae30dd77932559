package dev.fizzy.engine.op;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;

@OnCuda
class CudaMarginSoftmaxTest extends MarginSoftmaxTest {
  @Override
  protected Device open() {
    return Devices.open("cuda", 1);
  }
}
