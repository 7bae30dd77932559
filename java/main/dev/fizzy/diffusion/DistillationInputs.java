package dev.fizzy.diffusion;

import dev.fizzy.engine.Graph;
import dev.fizzy.engine.Program;
import dev.fizzy.engine.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** The f32 inputs of a step, filled row by row; a name that the graph does not have is ignored. */
final class DistillationInputs {
  private final Map<Tensor, float[]> values = new LinkedHashMap<>();
  private final Map<String, Tensor> inputs;
  private final int batch;

  DistillationInputs(Graph graph, int batch) {
    this.inputs = graph.inputs();
    this.batch = batch;
  }

  void set(int row, String name, double value) {
    row(row, name, new float[] {(float) value});
  }

  void row(int row, String name, float[] value) {
    Tensor input = inputs.get(name);
    if (input != null) {
      int width = Math.toIntExact(input.elements()) / batch;
      float[] all = values.computeIfAbsent(input, t -> new float[batch * width]);
      System.arraycopy(value, 0, all, row * width, width);
    }
  }

  void write(Program program) {
    values.forEach(program::write);
  }
}
