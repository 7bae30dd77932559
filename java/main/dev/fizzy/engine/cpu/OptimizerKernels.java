package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.op.Adam;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Optimiser steps over the flat regions of all parameters. */
final class OptimizerKernels {
  private OptimizerKernels() {}

  static void addTo(CpuKernels kernels) {
    kernels.add(Adam.class, AdamKernel::new);
  }

  private record AdamKernel(Adam operation) implements Kernel {
    @Override
    public Runnable bind(Addresses at) {
      FloatPointer settings = at.f32(operation.settings());
      FloatPointer values = at.region(Region.VALUES);
      FloatPointer gradients = at.region(Region.GRADIENTS);
      FloatPointer first = at.region(Region.FIRST_MOMENT);
      FloatPointer second = at.region(Region.SECOND_MOMENT);
      FloatPointer average = at.region(Region.AVERAGE);
      FloatPointer norm = at.f32(operation.norm());
      Pointer scratch = at.scratch();
      long n = at.regionElements();
      return () ->
          Kernels.adam(settings, values, gradients, first, second, average, norm, scratch, n);
    }

    @Override
    public long scratchBytes() {
      return Kernels.adam_scratch_bytes();
    }
  }
}
