package dev.fizzy.bench;

import dev.fizzy.engine.DType;
import dev.fizzy.model.UNetConfig.Conditioning;
import dev.fizzy.rival.Ours.Work;
import dev.fizzy.rival.Twin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * One line of the comparison.
 *
 * @param staged also time Fizzy's evaluation alone, with identity and step computed before, as in
 *     sampling
 * @param gigabytes free memory that the case needs
 */
public record Case(
    String name, Supplier<Twin> twin, DType type, Work work, boolean staged, int gigabytes) {

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
                () -> Twin.residual(cross, 16, 128, 128, 32)));
        cases.add(
            block(
                "cross-attention [16,192,16,16]" + end,
                type,
                work,
                () -> Twin.attention(cross, 16, 192, 16)));
        cases.add(
            block(
                "cross-attention [16,384,8,8]" + end,
                type,
                work,
                () -> Twin.attention(cross, 16, 384, 8)));
        cases.add(
            block(
                "group norm + SiLU [16,128,64,64]" + end,
                type,
                work,
                () -> Twin.groupNorm(16, 128, 64)));
      }
      cases.add(
          new Case(
              "U-Net idiff-face batch 8 forward" + suffix,
              () -> Twin.unet("idiff-face", 8, 1),
              type,
              Work.FORWARD,
              true,
              5));
      cases.add(
          new Case(
              "U-Net idiff-face batch 8 training step" + suffix,
              () -> Twin.unet("idiff-face", 8, 8),
              type,
              Work.STEP,
              false,
              12));
      cases.add(
          new Case(
              "VQ decoder 128x128 forward" + suffix,
              () -> Twin.decoder("idiff-face", 1, 128),
              type,
              Work.FORWARD,
              false,
              3));
    }
    return cases;
  }

  private static Case block(String name, DType type, Work work, Supplier<Twin> twin) {
    return new Case(name, twin, type, work, false, 3);
  }
}
