package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Tensor;

/**
 * The two inputs of every random operation. {@code rows} I32 [B,2] identifies each row of the
 * batch: identity and image in generation, position in the data and 0 in training. {@code random}
 * I32 [4] is {seed low, seed high, step, 0}; a step is below 2^24. Element e of row b is word e mod
 * 4 of the Philox 4x32-10 block with key {seed low, seed high} and counter {e/4, purpose&lt;&lt;24
 * | step, rows[b][0], rows[b][1]}: a number does not depend on the position of its row in the
 * batch.
 */
final class RandomRows {
  private RandomRows() {}

  static void check(String operation, int batch, Tensor rows, Tensor random) {
    if (rows.type() != DType.I32
        || rows.rank() != 2
        || rows.dim(0) != batch
        || rows.dim(1) != 2
        || random.type() != DType.I32
        || random.elements() != 4) {
      throw new EngineException(
          operation
              + ": rows must be I32 ["
              + batch
              + ",2] and random I32 [4], not "
              + rows
              + " and "
              + random);
    }
  }
}
