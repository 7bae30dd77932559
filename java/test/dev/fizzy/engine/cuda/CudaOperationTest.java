package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.Devices;
import dev.fizzy.engine.op.OperationContract;

@OnCuda
class CudaOperationTest extends OperationContract {
  @Override
  protected Device open() {
    return Devices.open("cuda", 1);
  }
}
