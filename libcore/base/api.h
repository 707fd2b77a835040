/* What is declared between API_BEGIN and API_END is visible outside the library, to C and C++;
 * everything else is compiled with -fvisibility=hidden. */
#ifndef BASE_API_H
#define BASE_API_H

#ifdef __cplusplus
#define API_EXTERN_C_BEGIN extern "C" {
#define API_EXTERN_C_END   }
#else
#define API_EXTERN_C_BEGIN
#define API_EXTERN_C_END
#endif

#define API_BEGIN API_EXTERN_C_BEGIN _Pragma("GCC visibility push(default)")
#define API_END   _Pragma("GCC visibility pop") API_EXTERN_C_END

#endif
