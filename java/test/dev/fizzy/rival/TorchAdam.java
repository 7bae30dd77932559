package dev.fizzy.rival;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * libtorch's fused Adam, which its C++ API lacks, through TorchScript; where asked also the
 * exponential moving average of the weights. Gradients are let go afterwards.
 */
public final class TorchAdam implements AutoCloseable {
  private static final String SCRIPT =
      """
      def adam(p: Tensor, g: Tensor, m: Tensor, v: Tensor, t: Tensor) -> int:
          torch._fused_adam_([p], [g], [m], [v], [], [t], lr=1e-4, beta1=0.9, beta2=0.999,
              weight_decay=0.0, eps=1e-8, amsgrad=False, maximize=False)
          return 0
      """;

  private final CompilationUnit unit = torch.compile(SCRIPT);
  private final Function adam = unit.find_function(new QualifiedName("adam"));
  private final List<Tensor> leaves;
  private final List<Tensor> first = new ArrayList<>();
  private final List<Tensor> second = new ArrayList<>();
  private final List<Tensor> average = new ArrayList<>();
  private final Tensor steps = torch.zeros(1).squeeze();

  public TorchAdam(TorchTwin twin, boolean averages) {
    leaves = twin.weights().leaves();
    for (Tensor leaf : leaves) {
      first.add(torch.zeros_like(leaf.data()));
      second.add(torch.zeros_like(leaf.data()));
      if (averages) {
        average.add(leaf.data().clone());
      }
    }
  }

  public void step() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      steps.add_(new Scalar(1f));
      for (int i = 0; i < leaves.size(); i++) {
        try (PointerScope each = new PointerScope()) {
          Tensor leaf = leaves.get(i);
          IValueVector arguments =
              new IValueVector(
                  new IValue(leaf),
                  new IValue(leaf.grad()),
                  new IValue(first.get(i)),
                  new IValue(second.get(i)),
                  new IValue(steps));
          adam.apply(arguments);
          leaf.mutable_grad().reset();
          if (!average.isEmpty()) {
            average.get(i).lerp_(leaf, new Scalar(1e-4f));
          }
        }
      }
    }
  }

  @Override
  public void close() {
    List.of(first, second, average).forEach(list -> list.forEach(Tensor::deallocate));
    unit.deallocate();
  }
}
