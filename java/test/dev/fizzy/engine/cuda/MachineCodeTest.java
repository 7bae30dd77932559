package dev.fizzy.engine.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fizzy.engine.EngineException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which GPUs and drivers run what a compiler made. */
class MachineCodeTest {
  @ParameterizedTest
  @CsvSource({
    "sm_80 PTX compute_80 of CUDA 13.0, 80, 13000, true",
    "sm_80 PTX compute_80 of CUDA 13.1, 86, 13000, true",
    "sm_80 PTX compute_80 of CUDA 13.0, 90, 13000, true",
    "sm_80 PTX compute_80 of CUDA 13.1, 90, 13000, false",
    "sm_80 PTX compute_80 of CUDA 13.1, 90, 13010, true",
    "sm_80 sm_90a PTX compute_80 of CUDA 13.1, 90, 13000, true",
    "sm_90a PTX compute_90 of CUDA 13.1, 100, 13000, false",
    "sm_90a PTX compute_90 of CUDA 13.0, 89, 13000, false",
    "sm_86 PTX compute_86 of CUDA 13.0, 80, 13000, false",
  })
  void runsOrNot(String name, int capability, int driver, boolean runs) {
    assertEquals(runs, MachineCode.parse(name).refusal(capability, driver) == null);
  }

  @Test
  void saysWhatToDo() {
    assertEquals(
        "the kernels have machine code for 80 and none for compute capability 9.0, and the driver,"
            + " which supports CUDA 13.0, cannot compile their PTX of CUDA 13.1: build for every"
            + " GPU with mvn -Pcuda-all, or update the driver",
        MachineCode.parse("sm_80 PTX compute_80 of CUDA 13.1").refusal(90, 13000));
    assertThrows(EngineException.class, () -> MachineCode.parse("simt"));
  }
}
