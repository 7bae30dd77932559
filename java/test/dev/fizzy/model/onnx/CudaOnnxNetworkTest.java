package dev.fizzy.model.onnx;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.cuda.OnCuda;

@OnCuda
class CudaOnnxNetworkTest extends OnnxNetworkTest {
  @Override
  protected Device open(int threads) {
    return Devices.open("cuda", 1);
  }
}
