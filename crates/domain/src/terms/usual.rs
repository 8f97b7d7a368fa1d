//! Words that any receptionist uses, of whatever clinic.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Whether a word says nothing about one clinic in particular.
pub(super) fn is_usual(word: &str) -> bool {
    word.chars().any(|letter| letter.is_ascii_digit())
        || word.chars().all(|letter| !letter.is_alphanumeric())
        || word.chars().count() < 2
        || USUAL.contains(word)
        || word.strip_suffix('s').is_some_and(|one| USUAL.contains(one))
        || word.strip_suffix("es").is_some_and(|one| USUAL.contains(one))
}

static USUAL: LazyLock<HashSet<&str>> =
    LazyLock::new(|| ENGLISH.split_whitespace().chain(SPANISH.split_whitespace()).collect());

const ENGLISH: &str = "\
    a able about absolutely accept accepted accepting accepts accessible account actually address advance advise \
    afraid after afternoon afternoons again age aged ago agree ahead aim all allow allowed allows alone along \
    already alright also alternative alternatives although always am amazing amount an and another answer \
    answering answers any anyone anything anytime anyway anywhere apart apologies apologise apologize apology \
    appear appears appointment appointments appreciate appropriate approve approved approves apr april are arent \
    around arrival arrive arrived arriving as asap ask asked asks assist assistance assistant at attend \
    attention aug august automated automatically availability available avoid aware away awesome baby back \
    barely be bear because been before began begin begins behalf being believe best better between beyond big \
    bigger bill billed bills birth birthday bit book booked booking bookings books born both brand brief briefly \
    bring brings broken building busy but by bye calendar call calling calls can cancel canceled cancelled \
    cannot cant capital care careful carry case cases catch caught cents certain certainly chance change changed \
    changes character characters charge charged charges chat check checked childs choice choices choose choosing \
    clash clear clearer clearly click clinic clinical clinics close closed closes closest code codes colleague \
    colleagues come comes comfortable coming common compare complete completed completely concern concerns \
    confirm confirmation confirmations confirmed confuse confused confusing confusion congratulations connect \
    consider contact continue control convenient conversation correct correctly cost costs could couldnt country \
    couple course cover covered covers create created curious currently cut dad daily data date dates daughter \
    day days deal dear dec december decide decided decides decision definitely describe description desk detail \
    details determine diagnose diagnosis did didnt different digit digits direct directly discuss display do \
    doctor doctors does doesnt dollar dollars done dont double doublecheck down dozen dr drop due during each \
    earlier earliest early easy eight eightdigit eighteen either eleven else email emails end ends enjoy enough \
    ensure enter entered entire error euro euros even evening evenings ever every everyone everything exact \
    exactly example except excluding exist existing exists expect expected expired expires explain explanation \
    express extra face fact facts failed fair familiar family far feb february feel feeling few fewer fifteen \
    fifty figure file fill final finalise finalize finally find finding fine finish finished first fit fits five \
    fix fixed folks follow following for format forty forward found four fourteen fourth frame free fri friday \
    fridays friend from front full fully further future gap general gentleman gently get gets getting give given \
    gives giving glad glance go goes going gone good goodbye got gotten grab grateful great guarantee guess guys \
    had half hand handful handle hang happen happened happens happy hardly has hasnt have havent having he \
    heading hear heard hearing hed held hello help helped helpful helping helps her here hes hesitate hey hi \
    higher him his hold holding honor honors honour honours hope hopefully hour hours household how however hows \
    human hurry hurt hurts husband i id idea identify identity if ill im imagine immediately important in \
    include included includes including indeed indicate individual info inform information initial input inside \
    instance instead instruction interest interested into is isnt issue issues it itll its ive jan january join \
    joined judge jul july jun june just keep keeping keeps kept kind kindly kinds know knows lady language last \
    lasting lasts late later latest leads least leave leaves leaving left length less let lets letter letters \
    letting level life like likely limit line lined lines link linked list listed listen listening little live \
    loaded local locate located long longer look looked looking looks losing lost lot lots love lovely lower \
    luck luckily machine madam made mail majority make makes making man manage managed manager many mar march \
    mark match matched matches matching matter matters maximum may maybe me mean means meant medical medicine \
    meet member members mention mentioned message messages messaging midday middle might min mind mine minimum \
    minute minutes misread miss missed missing misspelled mistake misunderstand misunderstood mix modify mom \
    moment mon monday mondays month months more morning mornings most move moved moving mr mrs ms much must my \
    name names narrow near nearest neat necessary need needed needing needs neither network never new next nice \
    nicely night nights nine nineteen no nobody none noon nor not note noted notes nothing notice notified \
    notify nov november now number numbers numeric obtain occur oct october of off offer offered offering offers \
    office often ok okay older on once one online only onsite onto open opened opening openings opens opinion \
    opportunity option options or order ordinary original other others otherwise our ours out over overlap \
    overnight own page paid pain paper pardon park part particular partner parts pass passed passing past \
    patience patient patients pattern pay paying peak people per perfect perform performs perhaps period \
    permission permitted person personal personally pesos phone pick picked picking piece place placed places \
    plain plan planned plans please pleasure plenty plus pm point popular positive possible possibly practice \
    practitioner practitioners prefer preference preferred prescribe presence present press previous price \
    prices prior private probably problem problems proceed process processing promise proper properly provide \
    provided provider providers provides public purpose push put quarter question questions quick quickly quiet \
    quite raise reach reached reaching read reading ready real really reason reasons receive received recently \
    reception receptionist recognise recognize recommend record recording records refer reference refuse regard \
    regarding regards regular related relation relative release relevant remember remind reminder reminders \
    remove repeat replied replies reply represent request requests require required requires reschedule \
    rescheduled rescheduling reserve reserved reset resolve respond response rest restart result results return \
    review ride right roughly run running rush safe said sake same sat saturday saturdays save saved saw say \
    saying says schedule scheduled scheduling screen search searching second seconds secure security see seeing \
    seem seems seen sees select selected selecting sell sells send sends sense sent sep separate sept september \
    serious serve serves service services session sessions set setting seven seventeen several shall shame share \
    shared sharing she shed shes shift short shorter shortest shortly should show showing shows sick side \
    similar simple simply since single sir sit site situation six sixdigit sixteen sixty size slot slots slow \
    slower smile sms so software some someday someone something sometimes somewhere son soon sooner sorry sort \
    sorts sound sounds space speak speaking speaks specialise specialist specialists specialize specific specify \
    spell spelled spelling spend split spoke spoken spot spots spotted staff stand standing start started \
    starting starts state status stay stays step steps stick still stop stopped straight stress strictly studio \
    sudden suggest suggestion suit suitable suited suits summary sun sunday sundays support supported supports \
    sure surely surname surprise swap switch symptom symptoms system take taken takes taking talk talked talking \
    team tell tells ten tend terms text texts than thank thanks that thatll thats the their theirs them then \
    there thered therefore theres these they theyd theyll theyre thing things think thinking third thirteen \
    thirty this thoroughly those though thought thoughts three through thu thurs thursday thursdays tight till \
    time times title to today together told toll tomorrow tonight too took tool top total touch toward towards \
    transfer treat treated treatment treatments treats tried tries trouble true truly trust truth try trying tue \
    tues tuesday tuesdays turn twelve twenty twice two type typed types typing typo unable unavailable uncertain \
    unclear under understand understanding understood unfortunately unless unrelated unsuccessful unsure until \
    up upcoming update updated upset urgent us use used uses using usual usually valid value various verify \
    version very via view virtual visit visiting visits voice wait waiting waitlist want wanted wants warm was \
    wasnt watch way ways we website wed wednesday wednesdays week weekday weekdays weekend weekends weekly weeks \
    welcome welcomes well were weve what whatever whats when whenever where wheres wherever whether which \
    whichever while who whole whom whos whose why wide wife will willing window wish with within without woman \
    wonder wonderful wont word words work working works world worried worries worry worse worst worth would \
    wouldnt write writing written wrong yeah year years yep yes yesterday yet you youd youll your youre yours \
    yourself yourselves youve zone";

const SPANISH: &str = "\
    abajo abierta abierto abre abren abril abrimos abris acepta aceptada aceptado aceptais aceptamos aceptan \
    aceptar acerca actualmente acuda acudir acuerdo adelante ademas admite admiten \
    admitimos agenda agendado agendar agosto agradezco ahi ahora al algo alguien algun alguna algunas alguno \
    algunos alli alternativa alternativas am ambas ambos ano anos anotado anotar anoto antes aparcar aparece \
    aparecen apartada apartado apartar aparte apellido apellidos apenas aprobar aproximadamente aprueba apruebe \
    apuntar apuntarte apunte apunto aquel aqui arreglar arriba asi asistencia asistente asistir asunto atencion \
    atendeis atendemos atender atiende atienden atras aun aunque automatica automaticamente automatico avisar \
    avisarle avisarte avise aviso ayer ayuda ayudar ayudarla ayudarle ayudarlo ayudarte ayude ayuden bastante \
    bien bienvenida bienvenido bonito breve brindamos buen buena buenas bueno buenos buscar buscarte busco \
    busque cabe cada calma cambiar cambiaria cambiarla cambiarle cambio cambios cancelada cancelado cancelar \
    carta casi caso cerca cerrada cerrado cerrais cerramos cierra cierran ciertamente cifras cinco cita citas \
    claridad claro clinica cobra cobramos cobran codigo colega colegas comentalo comentar comentario comentarlo \
    comenzar como comparta compartir completa completo comprendo comprobar comunicar comunicarse con concreto \
    confirmacion confirmada confirmado confirmar confirmarla confirmarle confirmarlo confirme confusion conmigo \
    conocer conseguir consejo consejos consta constar consulta consultalo consultar consultorio contactar \
    contactarle contacto contamos contigo continuar convendria conversacion conviene correcta correcto correo \
    corresponde corta corto cosa cosas costo creo cual cuales cualquier cualquiera cuando cuanta cuanto cuantos \
    cuarto cuatro cubre cubren cubrimos cuenta cuentan cuesta cuestan cuidado cuidese cumpleanos dado dame dar \
    darle darme darte dato datos de debe deben deberia deberias decida decidir decir decirle decirme decirte \
    dejame dejar dejarle dejarlo dejeme dejo del demas demasiado deme dentro desafortunadamente descanso desde \
    desea desean despues detalle detalles dia diagnostico dias dice diciembre diente dientes diez diferente \
    dificil diga digale digame digito digitos dime direccion diria disculpa disculpas disculpe dispone \
    disponemos disponibilidad disponible disponibles distinta distinto doble doce doctor doctora doctores dolar \
    dolares dolor domingo domingos donde dos doy dr dra duda dudas duela duele dura duracion durante edad \
    ejemplo el electronico elegir ella ellas ellos embargo empecemos empezar empieza en encantada encantado \
    encontrado encontrar encontre encuentra encuentran encuentro enero enlace ensenar entender entendi entendido \
    entiendo entonces entrar entre envia enviado enviar enviarle enviarme enviarte equipo equivoco era eres \
    error es esa esas escoger escriba escribame escribio escribir escrito escuchar escucho ese eso esos espacio \
    espacios especial especialista especialistas especifico espera esperamos esperar espere esta estacionar \
    estamos estan estar estare estaria estas este esto estos estoy euros evitar exacta exactamente exacto \
    excelente excepto exigimos existe existen explicar explico facilitar facilite falta faltan familia favor \
    febrero fecha fechas fijo final forma formato franja frecuencia fue fuera fuese fuiste funciona general \
    gente gracias gran grave guardar gustan gustara gustaria gusto ha haber habla hablais hablamos hablan hablar \
    hable habria hace haceis hacemos hacen hacer haga hagame hallado hallo han hasta hay he hecho hemos hija \
    hijas hijo hijos hoja hola hombre hora horario horarios horas horita hoy hubiera hubo hueco humana humano \
    idea identidad idioma igual importa importante incluida incluidas incluido incluidos incluye incluyen indica \
    indicado indicar indicarme indique informacion informar intentar intentarlo intente intento interesa ir \
    izquierda jamas jueves julio junio junto justo la lamentablemente lamentamos lamento larga largo las le leer \
    leido les letra letras libre libres ligero lista llama llamada llamar llamarle llamarnos llamarte llamas \
    llame llamo llegada llegar llego llegue llena llene lleno llenos llevar llevas lo localizado localizar logro \
    los luego lugar lugares lunes mal mala manana mananas mandar mande manera maquina marca marido marque martes \
    marzo mas mayo mayoria mayusculas me media medica medicas medico medicos medio mediodia mejor menos mensaje \
    mensajes mes meses mi miembro mientras miercoles mil minimo minuto minutos mira mirar miro mis misma mismo \
    molesta molestia molestias molesto momentito momento mostrar mostrarle mostrarte mover mucha muchas mucho \
    muchos muela muelas muestra muestre mujer muy nacimiento nacio nada nadie necesario necesita necesitamos \
    necesitaria necesitas necesito negativo nervios ni ningun ninguna ninguno ningunos no noche noches nombre \
    nombres normalmente nos nota notas noviembre nuestra nuestras nuestro nuestros nueva nuevamente nueve nuevo \
    nuevos numero nunca obtener ocasion ocho octubre ocupada ocupado ocurre oficina ofrece ofreceis ofrecemos \
    ofrecen ofrecer ofrecerle ofrezco ojala olvide once opcion opciones opinion orden ordenador origen os otra \
    otras otro otros paciente pacientes pagar pagina pague palabra palabras para parece parecen parecer \
    pareceria parecido pareja parte partes particular partir pasa pasado pasar pasarla pasarle pase paso \
    pendiente pensar perdon perdone perfectamente perfecto permita permitame permite permiten permitida \
    permitidas permitido permitidos permitimos permitirme permitis pero persona personal personalmente personas \
    pesos pide pidio plan planes pm poca poco pocos podeis podemos poder podra podras podria podrias poner \
    ponerle ponerse ponga pongo poquito por porfavor porque posibilidad posible posibles precio precios \
    preferencia preferible prefiera prefiere prefieren prefieres pregunta preguntalo preguntar preguntarle \
    preguntas pregunte preocupe preocupes preparar presentarse presente previo primer primera primero principal \
    principio privado probablemente probar problema problemas profesional profesionales pronto proporcionar \
    proporcione proxima proximas proximo proximos pueda puedan puede pueden puedes puedo pues punto puntual que \
    queda quedado quedan quedaria quedarian quedarse quedas quede quereis queria querias querria quien quiera \
    quiere quieren quieres quince quisiera quitar quitarle rapido rato razon realiza realizamos realizan \
    realmente recepcion recepcionista receta recetar recibe recibido recibimos recibio recibir recomendar \
    reconozco recordar recordarle recordatorio referencia referir registrar registro regresar relacion rellene \
    repetir repita repitame requerimos requiere reserva reservada reservado reservar reservas responder respondo \
    respuesta resto resulta resultado resultados retraso reunir revisando revisar revise reviso robot rogar \
    sabado sabados sabe saber sabes sabras sala saludo saludos salvo se sea sean seguir segun segunda segundo \
    segundos seguridad seguro seis semana semanas sencillo senor senora senorita sentir septiembre ser sera \
    seria serio servicio servicios servir servirle sesion sesiones si siempre siento siete sigamos sigue siguen \
    siguiente siguientes simplemente sin sino sirva sirve sirven sistema sitio situacion sobre sola solicitar \
    solicitud solo solos solucion son sonido sorpresa soy su sucede suele suena suficiente suficientes \
    sugerencia sugerir supuesto sus suya suyo tal talvez tambien tampoco tanta tanto tarda tardar tarde tardes \
    te telefono tema temprano tendra tendras tendria tendrias teneis tenemos tener tenerla tenerlo tenga tengan \
    tengo termina terminar texto ti tiempo tiempos tiene tienen tienes tipo tipos titulo toca toda todas todavia \
    todo todos toma tomais tomamos toman tomar tome total trabaja trabajamos trabajan trabajar traer traiga \
    tramite tranquila tranquilo transferir transmitir tras trasladar traslado tratamiento tratamientos tratar \
    trate treinta tres tu turno turnos tus tuvo tuya tuyo ultima ultimo un una unas uno unos urgente usamos usar \
    usted ustedes usual util utilizamos va vale valida valido vamos varias varios vas vaya vea veamos veces \
    veinte ven vendemos venga venir venis ventana veo ver vera verdad verificacion verificar verifico verlo vez \
    viaje vida viene vienen viernes visita visitas vista vive voy voz vuelva vuelvo vuestra vuestras vuestro \
    vuestros ya yes yo zona";
