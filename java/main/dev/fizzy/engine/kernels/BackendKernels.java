package dev.fizzy.engine.kernels;

import static java.lang.invoke.MethodType.methodType;

import dev.fizzy.engine.EngineException;
import dev.fizzy.engine.Kernel;
import dev.fizzy.engine.Operation;
import dev.fizzy.engine.kernels.Native.Backend;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * Finds an operation's binding by its name: the static methods {@code of} of the class {@code
 * XKernel} of this package bind the operation {@code X} and its {@code X.Backward}.
 */
public final class BackendKernels {
  private static final ClassValue<MethodHandle> BINDINGS =
      new ClassValue<>() {
        @Override
        protected MethodHandle computeValue(Class<?> operation) {
          Class<?> named = operation.isMemberClass() ? operation.getEnclosingClass() : operation;
          String binding =
              BackendKernels.class.getPackageName() + "." + named.getSimpleName() + "Kernel";
          try {
            return MethodHandles.lookup()
                .findStatic(
                    Class.forName(binding),
                    "of",
                    methodType(Kernel.class, Backend.class, operation))
                .asType(methodType(Kernel.class, Backend.class, Operation.class));
          } catch (ReflectiveOperationException e) {
            throw new EngineException("no kernel: " + binding + " binds no " + operation, e);
          }
        }
      };

  private BackendKernels() {}

  /** The operation's kernel on a backend; it runs on the backend's stream. */
  public static Kernel prepare(Backend backend, Operation operation) {
    MethodHandle binding = BINDINGS.get(operation.getClass());
    try {
      return (Kernel) binding.invokeExact(backend, operation);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new EngineException(operation.name() + ": " + e.getMessage(), e);
    }
  }
}
