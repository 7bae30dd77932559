package dev.fizzy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class StepTimesTest {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final StepTimes FOUR = new StepTimes(985.5f, 700, 400, 10);
  private static final String LIST = "the 4 steps have the times 985.5, 700, 400, 10";

  private static String refusal(Runnable check) {
    return assertThrows(OptionException.class, check::run).getMessage();
  }

  @Test
  void theIdentityHasSomeStepsAndNotAll() {
    FOUR.checkIdentity(985, null);
    FOUR.checkIdentity(10, null);
    FOUR.checkIdentity(399, .1);
    FOUR.checkIdentity(0, .1); // by its change alone
    assertEquals("images have their identity from step 4 of 4 on", FOUR.identity(399, null));
    assertEquals(
        "images have their identity from step 3 of 4 at the latest", FOUR.identity(400, .1));
    assertEquals("images have their identity by --identity-when alone", FOUR.identity(0, .1));
    assertEquals(
        "--identity-from 986 changes nothing: no step has a time above it; " + LIST,
        refusal(() -> FOUR.checkIdentity(986, null)));
    assertEquals(
        "--identity-from 9 leaves no step for the identity; " + LIST,
        refusal(() -> FOUR.checkIdentity(9, null)));
    assertEquals(
        "--identity-when 0.1 changes nothing: it can give an image its identity from the third step"
            + " on, where it has it by --identity-from 400; "
            + LIST,
        refusal(() -> FOUR.checkIdentity(400, .1)));
  }

  @Test
  void guidanceHasSomeStepsAndNotAllOfThoseWithTheIdentity() {
    FOUR.checkGuidance(400, 700, NEVER);
    FOUR.checkGuidance(400, 985, 985);
    assertEquals("guidance in steps 2 to 3 of 4", FOUR.guidance(400, 990, 985));
    assertEquals("guidance in step 1 of 4", FOUR.guidance(701, 990, NEVER));
    assertEquals(
        "--guidance-times 500,600 leaves no step for guidance; " + LIST,
        refusal(() -> FOUR.checkGuidance(500, 600, NEVER)));
    assertEquals(
        "--guidance-times 700,990 leaves no step for guidance; " + LIST,
        refusal(() -> FOUR.checkGuidance(700, 990, 400)));
    assertEquals(
        "--guidance-times 0,990 changes nothing: every step has a time in it; " + LIST,
        refusal(() -> FOUR.checkGuidance(0, 990, NEVER)));
    assertEquals(
        "--guidance-times 0,700 changes nothing: every step with the identity has a time in it; "
            + LIST,
        refusal(() -> FOUR.checkGuidance(0, 700, 700)));
  }

  @Test
  void manyTimesAreNotListed() {
    assertEquals("the only step has the time 999", new StepTimes(999).toString());
    assertEquals("the only step has the time 700.04", new StepTimes(700.04f).toString());
    float[] many = new float[50];
    many[0] = 999;
    assertEquals("the 50 steps have the times 999 down to 0", new StepTimes(many).toString());
  }
}
