/** Extensions by which a place is known as one in C, C++, Objective-C or what is compiled with them. */
const extension = '(?:c|cc|cpp|cxx|c\\+\\+|C|h|hh|hpp|hxx|h\\+\\+|H|m|mm|inl|ipp|tcc|ixx|cppm|cu|cuh|S|s|f90|f)';

/** `file:line:`, `file:line:column:`, clang's ranges after it; then whatever `rest` says. */
export function cDiagnostic(rest: string): RegExp {
  return new RegExp(
    `^((?:[A-Za-z]:)?[^\\s:][^:]{0,1000}\\.${extension}):(\\d{1,7}):(?:(\\d{1,7}):)?(?:[{}\\d:,-]{1,300}:)? ${rest}$`,
  );
}

export function isCSource(path: string): boolean {
  return new RegExp(`\\.${extension}$`).test(path);
}
