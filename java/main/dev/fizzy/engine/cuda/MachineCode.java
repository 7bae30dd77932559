package dev.fizzy.engine.cuda;

import dev.fizzy.engine.EngineException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the library of our kernels contains, as its name says: "sm_80 sm_90a PTX compute_80 of CUDA
 * 13.0". Machine code of 8.0 runs on 8.6; that of 9.0a runs on 9.0 alone. A driver compiles PTX for
 * later GPUs, but only PTX of a compiler that is not newer than itself.
 *
 * @param machine architectures with machine code, as "80" and "90a"
 * @param ptx compute capability of the PTX, 10 major + minor
 * @param compiler CUDA version of the compiler, 1000 major + 10 minor
 */
record MachineCode(List<String> machine, int ptx, int compiler) {
  private static final Pattern NAME =
      Pattern.compile("((?:sm_\\d+a? )+)PTX compute_(\\d+)a? of CUDA (\\d+)\\.(\\d+)");

  static MachineCode parse(String name) {
    Matcher m = NAME.matcher(name);
    if (!m.matches()) {
      throw new EngineException("the library of CUDA kernels says it has code for '" + name + "'");
    }
    List<String> machine = List.of(m.group(1).strip().replace("sm_", "").split(" "));
    int compiler = 1000 * Integer.parseInt(m.group(3)) + 10 * Integer.parseInt(m.group(4));
    return new MachineCode(machine, Integer.parseInt(m.group(2)), compiler);
  }

  private static boolean runs(String machine, int capability) {
    boolean exact = machine.endsWith("a");
    int of = Integer.parseInt(exact ? machine.substring(0, machine.length() - 1) : machine);
    return exact ? of == capability : of / 10 == capability / 10 && of <= capability;
  }

  /**
   * Why nothing in the library runs on a GPU; null if something does.
   *
   * @param driver the newest CUDA version that the driver supports, as {@link #compiler}
   */
  String refusal(int capability, int driver) {
    boolean hasCode = machine.stream().anyMatch(m -> runs(m, capability));
    if (hasCode || ptx <= capability && compiler <= driver) {
      return null;
    }
    return "the kernels have machine code for "
        + String.join(", ", machine)
        + " and none for compute capability "
        + capability / 10
        + "."
        + capability % 10
        + (ptx > capability
            ? ", and their PTX is for newer GPUs"
            : ", and the driver, which supports CUDA "
                + Cuda.version(driver)
                + ", cannot compile their PTX of CUDA "
                + Cuda.version(compiler))
        + ": build for every GPU with mvn -Pcuda-all, or update the driver";
  }
}
