package dev.fizzy.engine.op;

import dev.fizzy.engine.DType;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import java.util.List;

/**
 * Adds one row of a table, chosen by number, to every row. For sampling; no gradient.
 *
 * @param x [B,C]
 * @param table [rows,C], of x's type
 * @param row I32 [1]
 * @param y [B,C]
 */
public record AddRow(Tensor x, Tensor table, Tensor row, Tensor y) implements Operation {
  public static Tensor of(Tensor x, Tensor table, Tensor row) {
    if (x.rank() != 2
        || table.rank() != 2
        || table.dim(1) != x.dim(1)
        || table.type() != x.type()
        || row.type() != DType.I32
        || row.elements() != 1) {
      throw new EngineException(
          "add_row: takes [B,C], [rows,C] of the same type and I32 [1], not "
              + x
              + ", "
              + table
              + " and "
              + row);
    }
    Tensor y = x.graph().local("add_row", x.type(), List.of(x, table, row), x.shape());
    return x.graph().record(new AddRow(x, table, row, y)).y;
  }

  @Override
  public List<Tensor> inputs() {
    return List.of(x, table, row);
  }

  @Override
  public List<Tensor> outputs() {
    return List.of(y);
  }

  @Override
  public long flops() {
    return x.elements();
  }

  /** One row of the table is read. */
  @Override
  public long bytes() {
    return x.bytes() + table.bytes() / table.dim(0) + y.bytes();
  }
}
