# Warnings are errors, for every file of ours.
add_library(Warnings INTERFACE)
target_compile_options(Warnings INTERFACE -Wall -Wextra -Werror -Wno-psabi -Wno-unknown-pragmas)
