package dev.fizzy.engine.cpu;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.op.Adam;
import dev.fizzy.engine.op.Sgd;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Optimiser steps over the flat regions of all parameters. */
final class OptimizerKernels {
  private OptimizerKernels() {}

  static void addTo(CpuKernels kernels) {
    kernels.add(Adam.class, AdamKernel::new);
    kernels.add(Sgd.class, SgdKernel::new);
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
      long n = at.trainedElements();
      return () ->
          Kernels.adam(settings, values, gradients, first, second, average, norm, scratch, n);
    }

    @Override
    public long scratchBytes() {
      return Kernels.adam_scratch_bytes();
    }
  }

  private record SgdKernel(Sgd operation) implements Kernel {
    @Override
    public Runnable bind(Addresses at) {
      FloatPointer settings = at.f32(operation.settings());
      FloatPointer values = at.region(Region.VALUES);
      FloatPointer gradients = at.region(Region.GRADIENTS);
      FloatPointer velocity = at.region(Region.FIRST_MOMENT);
      FloatPointer norm = at.f32(operation.norm());
      Pointer scratch = at.scratch();
      long n = at.trainedElements();
      return () -> Kernels.sgd(settings, values, gradients, velocity, norm, scratch, n);
    }

    @Override
    public long scratchBytes() {
      return Kernels.sgd_scratch_bytes();
    }
  }
}
