package dev.fizzy.engine.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.Tensor;
import dev.fizzy.engine.kernels.Native.Backend;
import dev.fizzy.engine.op.AllReduce;
import dev.fizzy.engine.op.Convolution;
import dev.fizzy.engine.op.Linear;
import dev.fizzy.engine.op.MatMul;
import dev.fizzy.engine.op.QuantizedConvolution;
import dev.fizzy.engine.op.QuantizedLinear;
import dev.fizzy.engine.op.Reshape;
import dev.fizzy.engine.op.TransposedConvolution;
import dev.fizzy.engine.op.UpsampledConvolution;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class BackendKernelsTest {
  /** Operations that libraries compute, and a view, which nothing does. */
  private static final Set<Class<?>> OF_LIBRARIES =
      Set.of(
          AllReduce.class,
          Convolution.class,
          Convolution.BackwardData.class,
          Convolution.BackwardWeights.class,
          Linear.class,
          Linear.BackwardData.class,
          Linear.BackwardWeights.class,
          MatMul.class,
          QuantizedConvolution.class,
          QuantizedLinear.class,
          Reshape.class,
          TransposedConvolution.class,
          TransposedConvolution.BackwardData.class,
          TransposedConvolution.BackwardWeights.class,
          UpsampledConvolution.class);

  @Test
  void everyOtherOperationIsBoundByItsName() throws ClassNotFoundException {
    Set<String> unbound = new TreeSet<>();
    int bound = 0;
    for (var found : new ClassFileImporter().importPackages("dev.fizzy.engine.op")) {
      Class<?> c = Class.forName(found.getName());
      if (!Operation.class.isAssignableFrom(c) || OF_LIBRARIES.contains(c)) {
        continue;
      }
      Class<?> named = c.isMemberClass() ? c.getEnclosingClass() : c;
      try {
        Class.forName("dev.fizzy.engine.kernels." + named.getSimpleName() + "Kernel")
            .getDeclaredMethod("of", Backend.class, c);
        bound++;
      } catch (ReflectiveOperationException e) {
        unbound.add(c.getName());
      }
    }
    assertEquals(Set.of(), unbound);
    assertTrue(bound > 40, bound + " operations");
  }

  private record Unknown() implements Operation {
    @Override
    public String name() {
      return "unknown";
    }

    @Override
    public List<Tensor> inputs() {
      return List.of();
    }

    @Override
    public List<Tensor> outputs() {
      return List.of();
    }

    @Override
    public long flops() {
      return 0;
    }
  }

  @Test
  void anOperationWithoutBindingIsNamed() {
    Backend backend = Native.cpu_backend();
    EngineException e =
        assertThrows(EngineException.class, () -> BackendKernels.prepare(backend, new Unknown()));
    assertTrue(e.getMessage().contains("BackendKernelsTestKernel"), e.getMessage());
  }

  @Test
  void aNativeRefusalKeepsItsSentence() {
    Backend.Attention call = new Backend.Attention().batch(1).queries(1).keys(1).heads(1).width(7);
    Backend backend = Native.cpu_backend();
    RuntimeException e = assertThrows(RuntimeException.class, () -> backend.attention(call));
    assertTrue(e.getMessage().contains("width 7"), e.getMessage());
  }

  /** So that nothing is passed to a kernel but what was meant. */
  @Test
  void aCallBeginsWithZeros() {
    Backend.GroupNorm call = new Backend.GroupNorm();
    assertTrue(call.scale() == null && call.scratch() == null && call.b() == 0 && !call.silu());
    Kernel none = BackendKernel.of(Native.cpu_backend(), 7, at -> () -> {});
    assertEquals(7, none.scratchBytes());
  }
}
