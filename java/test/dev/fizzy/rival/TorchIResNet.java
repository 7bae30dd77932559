package dev.fizzy.rival;

import static dev.fizzy.rival.Torch.scoped;
import static dev.fizzy.rival.Torch.then;

import dev.fizzy.model.IResNetConfig;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** iResNet on libtorch, written from its published description: faces [B,3,S,S] to [B,W]. */
public final class TorchIResNet {
  private final TorchLayers net;
  private final IResNetConfig config;
  private final boolean training;

  /**
   * @param training whether batches are normalised by their own statistics
   */
  public TorchIResNet(TorchLayers net, IResNetConfig config, boolean training) {
    this.net = net;
    this.config = config;
    this.training = training;
  }

  public Tensor embed(Tensor faces) {
    return scoped(
        () -> {
          Tensor h = net.plainConvolution("conv1", faces, 1, 1);
          h = then(h, x -> net.batchNorm("bn1", x, training));
          h = then(h, x -> net.prelu("prelu", x));
          for (int stage = 0; stage < 4; stage++) {
            for (int i = 0; i < config.blocks().get(stage); i++) {
              String at = "layer" + (stage + 1) + "." + i;
              int stride = i == 0 ? 2 : 1;
              h = then(h, x -> block(at, x, stride));
            }
          }
          h = then(h, x -> net.batchNorm("bn2", x, training));
          // As published: flattened channel first, and in f32 from here on.
          h = then(h, x -> torch.flatten(x.contiguous(), 1, -1).to(ScalarType.Float));
          h = then(h, x -> net.linearF32("fc", x));
          return then(h, x -> net.batchNorm("features", x, training));
        });
  }

  private Tensor block(String at, Tensor x, int stride) {
    return scoped(
        () -> {
          Tensor h = net.batchNorm(at + ".bn1", x, training);
          h = then(h, y -> net.plainConvolution(at + ".conv1", y, 1, 1));
          h = then(h, y -> net.batchNorm(at + ".bn2", y, training));
          h = then(h, y -> net.prelu(at + ".prelu", y));
          h = then(h, y -> net.plainConvolution(at + ".conv2", y, stride, 1));
          h = then(h, y -> net.batchNorm(at + ".bn3", y, training));
          if (stride == 1 && x.size(1) == h.size(1)) {
            return net.add(h, x);
          }
          Tensor shortcut = net.plainConvolution(at + ".downsample.0", x, stride, 0);
          return net.add(h, then(shortcut, y -> net.batchNorm(at + ".downsample.1", y, training)));
        });
  }
}
