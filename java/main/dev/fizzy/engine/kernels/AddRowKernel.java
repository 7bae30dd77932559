package dev.fizzy.engine.kernels;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.AddRow;

/** {@link AddRow}. */
final class AddRowKernel {
  private AddRowKernel() {}

  static Kernel of(Backend backend, AddRow o) {
    return BackendKernel.of(
        backend,
        at -> {
          Backend.AddRow call =
              new Backend.AddRow()
                  .type(o.x().type().code)
                  .x(at.of(o.x()))
                  .table(at.of(o.table()))
                  .row(at.i32(o.row()))
                  .y(at.of(o.y()))
                  .rows(o.x().dim(0))
                  .columns(o.x().dim(1))
                  .count(o.table().dim(0));
          return () -> backend.add_row(call);
        });
  }
}
