# How every target of the project is compiled.
add_library(cryptopath_settings INTERFACE)
target_include_directories(cryptopath_settings INTERFACE "${CMAKE_SOURCE_DIR}/include")
target_compile_options(cryptopath_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
  # Optimising, g++ 12 sees overlapping copies inside std::string (GCC bug 105651).
  $<$<AND:$<CONFIG:Release>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>
  # Messages that name a source file name it from the project's root, wherever that is.
  "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/="
  # A result must not depend on whether the processor has a fused multiply-add.
  -ffp-contract=off)
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # It takes sources that are included for headers, which must not use unnamed namespaces in types.
  target_compile_options(cryptopath_settings INTERFACE -Wno-subobject-linkage)
endif()
if(CRYPTOPATH_WARNINGS_AS_ERRORS)
  target_compile_options(cryptopath_settings INTERFACE -Werror)
endif()
if(CRYPTOPATH_SANITIZERS)
  target_compile_options(cryptopath_settings INTERFACE
    -fsanitize=${CRYPTOPATH_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # With a sanitizer, g++ 12 takes std::regex for uninitialized (GCC bug 105616).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(cryptopath_settings INTERFACE -fsanitize=${CRYPTOPATH_SANITIZERS})
endif()

# optimised_with_sanitizers(target): the preset does not optimise, which with a sanitizer takes half of a compiler's time.
# Where a test's time is spent, and where coroutines resume each other without growing the stack, it has to be.
function(optimised_with_sanitizers target)
  if(CRYPTOPATH_SANITIZERS)
    target_compile_options(${target} PRIVATE -O1)
  endif()
endfunction()

find_program(CCACHE ccache)
if(CCACHE)
  # What ccache wants for precompiled headers: no time or macro of ours is in them.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE}")
endif()
