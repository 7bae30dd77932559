package dev.fizzy.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fizzy.engine.cpu.CpuDevice;
import dev.fizzy.engine.op.Activation;
import dev.fizzy.engine.op.Add;
import org.junit.jupiter.api.Test;

class ProgramTest {
  @Test
  void replaysARecordedGraph() {
    Graph g = new Graph(DType.F32);
    Tensor x = g.input("x", DType.F32, Stage.EVALUATION, 2, 3);
    Tensor y = g.output(Add.of(Activation.silu(x), x));
    try (Device device = new CpuDevice();
        Program program = new Program(g, device, null)) {
      program.write(x, 0, 1, 2, 3, 4, 5);
      program.run();
      float[] out = program.read(y);
      for (int i = 0; i < 6; i++) {
        assertEquals(i / (1 + Math.exp(-i)) + i, out[i], 1e-5);
      }
    }
  }
}
