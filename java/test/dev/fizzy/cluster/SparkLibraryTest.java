package dev.fizzy.cluster;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fizzy.file.FileException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.Test;

class SparkLibraryTest {
  @Test
  void anotherSparkOrScalaIsRefused() {
    SparkLibrary.check("4.0.1", "2.13.16");
    for (String[] wrong : new String[][] {{"3.5.6", "2.13.8"}, {"4.0.1", "2.12.18"}}) {
      String message =
          assertThrows(FileException.class, () -> SparkLibrary.check(wrong[0], wrong[1]))
              .getMessage();
      assertTrue(message.contains("Spark " + wrong[0] + " with Scala " + wrong[1]), message);
      assertTrue(message.contains("SPARK_HOME"), message);
    }
  }

  @Test
  void aMissingSparkIsNamed() throws Exception {
    URL classes = SparkLibrary.class.getProtectionDomain().getCodeSource().getLocation();
    try (URLClassLoader alone =
        new URLClassLoader(new URL[] {classes}, ClassLoader.getPlatformClassLoader())) {
      var check = alone.loadClass(SparkLibrary.class.getName()).getMethod("check");
      Throwable cause =
          assertThrows(InvocationTargetException.class, () -> check.invoke(null)).getCause();
      assertTrue(cause.getMessage().contains("Spark is not on the class path"), cause::getMessage);
    }
  }
}
