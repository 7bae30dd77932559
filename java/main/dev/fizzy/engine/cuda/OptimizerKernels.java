package dev.fizzy.engine.cuda;

import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Region;
import dev.fizzy.engine.op.Adam;
import dev.fizzy.engine.op.Sgd;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/** Optimiser steps over the flat regions of all parameters. */
final class OptimizerKernels {
  private OptimizerKernels() {}

  static void addTo(CudaOperations kernels) {
    kernels.add(Adam.class, o -> new AdamKernel(o, kernels.stream()));
    kernels.add(Sgd.class, o -> new SgdKernel(o, kernels.stream()));
  }

  private record AdamKernel(Adam operation, Pointer stream) implements Kernel {
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
          CudaKernels.adam(
              settings, values, gradients, first, second, average, norm, scratch, n, stream);
    }

    @Override
    public long scratchBytes() {
      return CudaKernels.adam_scratch_bytes();
    }
  }

  private record SgdKernel(Sgd operation, Pointer stream) implements Kernel {
    @Override
    public Runnable bind(Addresses at) {
      FloatPointer settings = at.f32(operation.settings());
      FloatPointer values = at.region(Region.VALUES);
      FloatPointer gradients = at.region(Region.GRADIENTS);
      FloatPointer velocity = at.region(Region.FIRST_MOMENT);
      FloatPointer norm = at.f32(operation.norm());
      Pointer scratch = at.scratch();
      long n = at.trainedElements();
      return () -> CudaKernels.sgd(settings, values, gradients, velocity, norm, scratch, n, stream);
    }

    @Override
    public long scratchBytes() {
      return CudaKernels.sgd_scratch_bytes();
    }
  }
}
