package dev.fizzy;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The order of the packages: each imports only from those below it. */
class ArchitectureTest {
  /** From the top; the last three import nothing of ours. */
  private static final List<String> ORDER =
      List.of(
          "cli",
          "cluster",
          "report",
          "recognition",
          "generation",
          "alignment",
          "identity",
          "autoregression",
          "diffusion",
          "training",
          "model",
          "weights",
          "nn",
          "dataset",
          "image",
          "file",
          "engine");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.fizzy");

  @Test
  void everyPackageHasItsPlace() {
    Set<String> unknown = new TreeSet<>();
    for (JavaClass c : CLASSES) {
      String room =
          c.getPackageName().replaceFirst("dev\\.fizzy\\.?", "").replaceFirst("\\..*", "");
      if (!ORDER.contains(room)) {
        unknown.add(c.getName());
      }
    }
    assertEquals(Set.of(), unknown);
  }

  @Test
  void packagesImportOnlyFromBelow() {
    for (int i = 1; i < ORDER.size(); i++) {
      String[] above =
          ORDER.subList(0, i).stream().map(p -> "dev.fizzy." + p + "..").toArray(String[]::new);
      noClasses()
          .that()
          .resideInAPackage("dev.fizzy." + ORDER.get(i) + "..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(above)
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  /** Not in the engine, whose graph, operations and devices know each other. */
  @Test
  void packagesHaveNoCycles() {
    slices()
        .matching("dev.fizzy.(**)")
        .should()
        .beFreeOfCycles()
        .check(CLASSES.that(resideOutsideOfPackages("dev.fizzy.engine..", "dev.fizzy.weights..")));
  }

  @Test
  void backendsStayInTheirRooms() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            "dev.fizzy.engine.kernels..", "dev.fizzy.engine.cpu..", "dev.fizzy.engine.cuda..")
        .should()
        .dependOnClassesThat()
        .haveNameMatching("dev\\.fizzy\\.engine\\.kernels\\.Native.*")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.fizzy.engine..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bytedeco..")
        .check(CLASSES);
  }
}
