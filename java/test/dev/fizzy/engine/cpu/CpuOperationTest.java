package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Device;
import dev.fizzy.engine.op.OperationContract;

class CpuOperationTest extends OperationContract {
  @Override
  protected Device open() {
    return new CpuDevice();
  }
}
