package dev.fizzy.bench;

import dev.fizzy.engine.DType;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.Twin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One line of the comparison.
 *
 * @param twins the network at a batch size
 * @param batch that is measured
 * @param staged also time Fizzy's evaluation alone, with identity and step computed before, as in
 *     sampling
 * @param gigabytes free memory that the case needs
 */
public record Case(
    String name,
    IntFunction<Twin> twins,
    int batch,
    DType type,
    Work work,
    boolean staged,
    int gigabytes) {

  Twin twin() {
    return twins.apply(batch);
  }

  private static final int BLOCK = 16;

  /** All cases; the names are what {@code --only} matches. */
  public static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    Conditioning cross = Conditioning.CROSS_ATTENTION;
    for (DType type : List.of(DType.F32, DType.BF16)) {
      String suffix = " " + type.name().toLowerCase(java.util.Locale.ROOT);
      for (Work work : List.of(Work.FORWARD, Work.BACKWARD)) {
        String what = work == Work.FORWARD ? " forward" : " forward+backward";
        String end = what + suffix;
        cases.add(
            block(
                "residual [16,128,32,32]" + end,
                type,
                work,
                b -> Twin.residual(cross, b, 128, 128, 32)));
        cases.add(
            block(
                "cross-attention [16,192,16,16]" + end,
                type,
                work,
                b -> Twin.attention(cross, b, 192, 16)));
        cases.add(
            block(
                "cross-attention [16,384,8,8]" + end,
                type,
                work,
                b -> Twin.attention(cross, b, 384, 8)));
        cases.add(
            block(
                "group norm + SiLU [16,128,64,64]" + end,
                type,
                work,
                b -> Twin.groupNorm(b, 128, 64)));
      }
      cases.add(
          new Case(
              "U-Net idiff-face batch 8 forward" + suffix,
              b -> Twin.unet("idiff-face", b, 1),
              8,
              type,
              Work.FORWARD,
              true,
              5));
      cases.add(
          new Case(
              "U-Net idiff-face batch 8 training step" + suffix,
              b -> Twin.unet("idiff-face", b, b),
              8,
              type,
              Work.STEP,
              false,
              12));
      cases.add(
          new Case(
              "VQ decoder 128x128 forward" + suffix,
              b -> Twin.decoder("idiff-face", b, 128),
              1,
              type,
              Work.FORWARD,
              false,
              3));
    }
    return cases;
  }

  private static Case block(String name, DType type, Work work, IntFunction<Twin> twins) {
    return new Case(name, twins, BLOCK, type, work, false, 3);
  }
}
