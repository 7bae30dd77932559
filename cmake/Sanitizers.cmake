# cmake -DFIZZY_SANITIZE=ON: address and undefined-behavior sanitizers for the native tests.
option(FIZZY_SANITIZE "build with -fsanitize=address,undefined" OFF)
add_library(Sanitizers INTERFACE)
if(FIZZY_SANITIZE)
  target_compile_options(Sanitizers INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  target_link_options(Sanitizers INTERFACE -fsanitize=address,undefined)
endif()
