# Warnings are errors in every source file of the project.
add_library(Warnings INTERFACE)
target_compile_options(Warnings INTERFACE -Wall -Wextra -Werror -Wno-psabi -Wno-unknown-pragmas)
